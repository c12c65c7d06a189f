// Replays the fuzzers' corpus: seeds, and every input that once broke something.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "../../fuzz/parse_properties.h"
#include "support/source_tree.h"

namespace iip {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void replay(const std::string& target, std::string (*check)(std::string_view)) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(test::source_root()) / "tests/fuzz/corpus" / target)) {
    EXPECT_EQ(check(read_file(entry.path())), "") << entry.path();
    ++count;
  }
  EXPECT_GT(count, 0) << target;
}

TEST(Corpus, Iip) { replay("parse_iip", check_iip); }
TEST(Corpus, Iiif) { replay("parse_iiif", check_iiif); }
TEST(Corpus, Tiles) { replay("parse_tiles", check_tiles); }
TEST(Corpus, Target) { replay("parse_target", check_target); }

}  // namespace
}  // namespace iip
