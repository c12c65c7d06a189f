#include "engine/formats/tiff/lzma_stream.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace iip::test {
namespace {

using Data = std::vector<std::uint8_t>;

void add(Data& data, std::initializer_list<int> bytes) {
  for (const int byte : bytes) data.push_back(static_cast<std::uint8_t>(byte));
}

// Without a check behind the blocks.
Data header() {
  Data data;
  add(data, {0xFD, '7', 'z', 'X', 'Z', 0, 0, 0, 1, 2, 3, 4});
  return data;
}

// A block of chunks of 3 and 5 bytes, whose dictionary is said by `property`; padded as blocks are,
// behind a header of 12 bytes.
void add_block(Data& data, int property) {
  add(data, {2, 0x00, 0x21, 1, property, 0, 0, 0, 1, 2, 3, 4});
  add(data, {0x01, 0, 2, 7, 7, 7});                                  // stored
  add(data, {0xE0, 0, 99, 0, 4, 0x5D, 0x02, 0x21, 1, 40, 0x00, 0});  // compressed, and the end
  while ((data.size() - 12) % 4 != 0) data.push_back(0);
}

TEST(LzmaStream, StatesItsDictionary) {
  const std::vector<std::pair<int, std::uint64_t>> known{
      {0, 4096},         {1, 6144},        {2, 8192},
      {24, 16U << 20U},  {28, 64U << 20U}, {39, std::uint64_t{3} << 30U},
      {40, 0xFFFFFFFFU},
  };
  for (const auto& [property, bytes] : known) {
    Data data = header();
    add_block(data, property);
    add(data, {0, 0, 0, 0});
    const auto found = largest_lzma_dictionary(data);
    ASSERT_TRUE(found) << property;
    EXPECT_EQ(*found, bytes) << property;
  }
}

TEST(LzmaStream, EachBlockHasItsOwn) {
  Data data = header();
  for (const int property : {10, 28, 12}) add_block(data, property);
  add(data, {0, 0, 0, 0});
  EXPECT_EQ(largest_lzma_dictionary(data).value_or(0), 64U << 20U);
}

TEST(LzmaStream, OtherFiltersMayComeBefore) {
  Data data = header();
  // Both sizes, Delta with a distance, LZMA2.
  add(data, {4, 0xC1, 0x80, 0x01, 0x05, 0x03, 1, 0, 0x21, 1, 28, 0, 0, 0, 0, 0, 1, 2, 3, 4});
  add(data, {0x00, 0, 0, 0});
  EXPECT_EQ(largest_lzma_dictionary(data).value_or(0), 64U << 20U);
}

TEST(LzmaStream, OneThatIsCutShortEndsThere) {
  Data data = header();
  add_block(data, 28);
  add_block(data, 40);
  for (std::size_t length = 12 + 5; length <= data.size(); ++length) {
    const auto found = largest_lzma_dictionary(ByteSpan(data).first(length));
    if (!found) continue;
    EXPECT_TRUE(*found == 64U << 20U || *found == 0xFFFFFFFFU) << length;
  }
}

TEST(LzmaStream, NoneOtherPasses) {
  EXPECT_FALSE(largest_lzma_dictionary({}));
  const Data zeros(100);
  EXPECT_FALSE(largest_lzma_dictionary(zeros));
  Data without = header();
  add(without, {2, 0x00, 0x03, 1, 0, 0, 0, 0, 1, 2, 3, 4});  // Delta alone
  EXPECT_FALSE(largest_lzma_dictionary(without));
}

}  // namespace
}  // namespace iip::test
