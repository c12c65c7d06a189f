// Replays the fuzzers' corpus of JPEG 2000: seeds, and every input that once broke something.
#include <gtest/gtest.h>

#include <filesystem>

#include "../../../fuzz/jp2_properties.h"
#include "support/python.h"
#include "support/source_tree.h"

namespace iip::test {
namespace {

TEST(Corpus, Jp2) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(source_root()) / "tests/fuzz/corpus/jp2")) {
    const std::vector<std::uint8_t> data = read_file(entry.path());
    check_jp2_header(data.data(), data.size());
    check_jp2_index(data.data(), data.size());
    check_jp2_excerpts(data.data(), data.size());
    ++count;
  }
  EXPECT_GT(count, 0);
}

}  // namespace
}  // namespace iip::test
