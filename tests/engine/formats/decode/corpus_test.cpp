// Replays the fuzzers' corpus: seeds, and every input that once broke something.
#include <gtest/gtest.h>

#include <filesystem>

#include "../../../fuzz/source_properties.h"
#include "support/python.h"
#include "support/source_tree.h"

namespace iip::test {
namespace {

void replay(const std::string& target) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(source_root()) / "tests/fuzz/corpus" / target)) {
    SCOPED_TRACE(entry.path().string());
    const auto data = read_file(entry.path().string());
    check_source(data.data(), data.size());
    ++count;
  }
  EXPECT_GT(count, 0) << target;
}

TEST(SourceCorpus, Jpeg) { replay("jpeg"); }
TEST(SourceCorpus, Png) { replay("png"); }
TEST(SourceCorpus, Tiff) { replay("tiff"); }

}  // namespace
}  // namespace iip::test
