// The directories of TIFF, as they are read from a file and from memory alike.
#include "engine/formats/tiff/structure/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <limits>

#include "support/images.h"
#include "support/tiff_bytes.h"

namespace iip::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Calls `check` with the bytes as a file, then as they are in memory.
void from_both(const std::vector<std::uint8_t>& bytes,
               const std::function<void(const TiffInput&)>& check) {
  const ScratchFolder folder;
  write_file(folder.file("picture.tif"), bytes);
  const File file = open_file(folder.file("picture.tif"));
  {
    SCOPED_TRACE("file");
    check(file);
  }
  SCOPED_TRACE("memory");
  check(ByteSpan(bytes));
}

Result<TiffDirectory> first_of(const TiffInput& input, TiffDamage damage = TiffDamage::refused) {
  const Result<TiffHeader> header = read_tiff_header(input);
  if (!header) return tl::unexpected(header.error());
  return TiffDirectory::read(input, header->encoding, header->first, damage);
}

// TIFF 6.0, section 3: "A Sample Bilevel Image".
TEST(TiffDirectory, TheSampleOfTheSpecification) {
  TiffBytes sample{.big_endian = true};
  sample.header(0x14).pad(0x14).entries(12);
  sample.entry(0x00FE, 4, 1, {0}, 4).entry(0x0100, 4, 1, {2000}, 4).entry(0x0101, 4, 1, {3000}, 4);
  sample.entry(0x0103, 3, 1, {0x8005}, 2).entry(0x0106, 3, 1, {1}, 2);
  sample.entry_at(0x0111, 4, 188, 0xB6).entry(0x0116, 4, 1, {16}, 4);
  sample.entry_at(0x0117, 3, 188, 0x3A6).entry_at(0x011A, 5, 1, 0x696);
  sample.entry_at(0x011B, 5, 1, 0x69E).entry_at(0x0131, 2, 14, 0x6A6);
  sample.entry_at(0x0132, 2, 20, 0x6B6).next(0);
  sample.pad(0xB6);
  for (std::uint64_t i = 0; i < 188; ++i) sample.number(0x6CC + 100 * i, 4);
  sample.pad(0x3A6);
  for (std::uint64_t i = 0; i < 188; ++i) sample.number(80 + i, 2);
  sample.pad(0x696).number(300, 4).number(1, 4).number(300, 4).number(1, 4);
  sample.text(std::string_view("PageMaker 4.0\0", 14)).pad(0x6B6);
  sample.text(std::string_view("1988:02:18 13:59:59\0", 20));
  from_both(sample.bytes, [](const TiffInput& input) {
    Lines log;
    const auto chain = must(read_tiff_chain(input, log));
    ASSERT_EQ(chain.size(), 1U);
    const TiffDirectory& directory = chain[0];
    EXPECT_TRUE(directory.encoding().big_endian);
    EXPECT_FALSE(directory.encoding().big_tiff);
    EXPECT_EQ(directory.offset(), 0x14U);
    EXPECT_EQ(directory.next(), 0U);
    EXPECT_EQ(directory.entries().size(), 12U);
    EXPECT_EQ(directory.integer(TiffTag::image_width), 2000U);
    EXPECT_EQ(directory.integer(TiffTag::image_length), 3000U);
    EXPECT_EQ(directory.integer(TiffTag::compression), 32773U);
    EXPECT_EQ(directory.integer(TiffTag::photometric), 1U);
    EXPECT_EQ(directory.integer_or(TiffTag::orientation, 7), 7U);
    EXPECT_FALSE(directory.has(TiffTag::orientation));
    EXPECT_THAT(directory.numbers(TiffTag::x_resolution, 1), ElementsAre(300.0));
    const ByteVector software = directory.bytes(TiffTag::software, 14);
    EXPECT_EQ(std::string(software.begin(), software.end()), std::string("PageMaker 4.0\0", 14));
    EXPECT_THAT(directory.bytes(TiffTag::software, 13), IsEmpty()) << "more than is asked for";
    const auto offsets = directory.array(TiffTag::strip_offsets);
    const auto counts = directory.array(TiffTag::strip_byte_counts);
    ASSERT_TRUE(offsets && counts);
    EXPECT_EQ(offsets->count(), 188U);
    EXPECT_EQ(must(offsets->at(input, 187)), 0x6CCU + 18700);
    EXPECT_THAT(must(counts->range(input, 185, 3)), ElementsAre(265U, 266U, 267U));
  });
}

struct Layout {
  bool big_endian;
  bool big_tiff;
};

class TiffLayouts : public ::testing::TestWithParam<Layout> {
 protected:
  TiffBytes start(std::uint64_t entries) const {
    TiffBytes bytes{GetParam().big_endian, GetParam().big_tiff};
    bytes.header(bytes.behind_header()).entries(entries);
    return bytes;
  }
  // A directory of one entry, whose values lie behind it.
  TiffBytes with_values(std::uint64_t tag, std::uint64_t type,
                        const std::vector<std::uint64_t>& numbers, int width,
                        int numbers_of_value = 1) const {
    TiffBytes bytes = start(1);
    const std::uint64_t count = numbers.size() / static_cast<std::size_t>(numbers_of_value);
    if (numbers.size() * static_cast<std::size_t>(width) <=
        static_cast<std::size_t>(bytes.word())) {
      return bytes.entry(tag, type, count, numbers, width).next(0);
    }
    const auto word = static_cast<std::size_t>(bytes.word());
    bytes.entry_at(tag, type, count, bytes.bytes.size() + 4 + 3 * word).next(0);
    for (const std::uint64_t number : numbers) bytes.number(number, width);
    return bytes;
  }
};

INSTANTIATE_TEST_SUITE_P(All, TiffLayouts,
                         ::testing::Values(Layout{false, false}, Layout{true, false},
                                           Layout{false, true}, Layout{true, true}),
                         [](const auto& layout) {
                           return std::string(layout.param.big_endian ? "Big" : "Little") +
                                  (layout.param.big_tiff ? "BigTiff" : "Classic");
                         });

TEST_P(TiffLayouts, UnsignedIntegersOfAllTypesInTheEntryAndBehindIt) {
  const std::map<int, int> widths{{1, 1}, {3, 2}, {4, 4}, {13, 4}, {16, 8}, {18, 8}};
  for (const auto& [type, width] : widths) {
    SCOPED_TRACE(type);
    const std::uint64_t most = ~std::uint64_t{0} >> (64 - 8 * width);
    for (const auto& numbers : std::vector<std::vector<std::uint64_t>>{
             {most - 1}, {1, 2}, {most, 0x12, 3, most / 2, 5, 6, 7, 8, 9}}) {
      const auto bytes = with_values(333, static_cast<std::uint64_t>(type), numbers, width).bytes;
      from_both(bytes, [&](const TiffInput& input) {
        const TiffDirectory directory = must(first_of(input));
        const auto tag = static_cast<TiffTag>(333);
        EXPECT_EQ(directory.integer(tag), numbers[0]);
        EXPECT_EQ(directory.integers(tag, numbers.size()), numbers);
        EXPECT_THAT(directory.integers(tag, numbers.size() - 1), IsEmpty());
        const auto array = directory.array(tag);
        ASSERT_TRUE(array);
        EXPECT_EQ(must(array->all(input)), numbers);
        EXPECT_EQ(must(array->at(input, numbers.size() - 1)), numbers.back());
        const std::vector<double> as_doubles(numbers.begin(), numbers.end());
        EXPECT_EQ(directory.numbers(tag, numbers.size()), as_doubles);
      });
    }
  }
}

TEST_P(TiffLayouts, NumbersOfTheOtherTypes) {
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  const auto float_bits = [](float value) {
    return std::uint64_t{std::bit_cast<std::uint32_t>(value)};
  };
  struct Case {
    std::uint64_t type;
    int width;
    int numbers_of_value;
    std::vector<std::uint64_t> stored;
    std::vector<double> expected;
  };
  const std::vector<Case> cases{
      {5, 4, 2, {1, 4, 0xFFFFFFFF, 2}, {0.25, 2147483647.5}},
      {6, 1, 1, {0x80, 0x7F, 0xFF}, {-128, 127, -1}},
      {8, 2, 1, {0x8000, 0x7FFF, 0xFFFE}, {-32768, 32767, -2}},
      {9, 4, 1, {0x80000000, 0x7FFFFFFF}, {-2147483648.0, 2147483647.0}},
      {10, 4, 2, {0xFFFFFFFF, 4, 3, 0xFFFFFFFE}, {-0.25, -1.5}},
      {11, 4, 1, {float_bits(1.5F), float_bits(-0.125F)}, {1.5, -0.125}},
      {12, 8, 1, {bits(1e300), bits(-0.1)}, {1e300, -0.1}},
      {17, 8, 1, {0xFFFFFFFFFFFFFFFD, 9}, {-3, 9}},
  };
  for (const Case& of : cases) {
    SCOPED_TRACE(of.type);
    const auto bytes = with_values(333, of.type, of.stored, of.width, of.numbers_of_value).bytes;
    from_both(bytes, [&](const TiffInput& input) {
      const TiffDirectory directory = must(first_of(input));
      const auto tag = static_cast<TiffTag>(333);
      EXPECT_EQ(directory.numbers(tag, of.expected.size()), of.expected);
      EXPECT_THAT(directory.numbers(tag, of.expected.size() - 1), IsEmpty());
      EXPECT_EQ(directory.integer(tag), std::nullopt) << "no unsigned integer";
      EXPECT_THAT(directory.integers(tag, 10), IsEmpty());
      EXPECT_FALSE(directory.array(tag));
    });
  }
  for (const auto& [type, width, stored] :
       std::vector<std::tuple<std::uint64_t, int, std::vector<std::uint64_t>>>{
           {5, 4, {1, 0}},
           {10, 4, {0, 0}},
           {11, 4, {float_bits(std::numeric_limits<float>::infinity())}},
           {12, 8, {bits(std::numeric_limits<double>::quiet_NaN())}}}) {
    const auto bytes =
        with_values(333, type, stored, width, width == 4 && type != 11 ? 2 : 1).bytes;
    const TiffDirectory directory = must(first_of(ByteSpan(bytes)));
    EXPECT_TRUE(directory.has(static_cast<TiffTag>(333)));
    EXPECT_THAT(directory.numbers(static_cast<TiffTag>(333), 1), IsEmpty()) << "not finite";
  }
}

TEST_P(TiffLayouts, CountsThatOverflowAndOffsetsOutside) {
  const std::uint64_t most = GetParam().big_tiff ? ~std::uint64_t{0} : 0xFFFFFFFF;
  struct Case {
    std::uint64_t type;
    std::uint64_t count;
    std::uint64_t offset;
  };
  // 2^61 + 1 values of 8 bytes are 8 bytes, where products wrap; 2^29 + 1 are in 32 bits.
  for (const Case& of : std::vector<Case>{{16, most / 8 + 2, 0},
                                          {4, most / 4 + 2, 0},
                                          {3, most / 2 + 2, 0},
                                          {1, most, 0},
                                          {1, most, 8},
                                          {4, 100, most},
                                          {4, 100, most - 399},
                                          {4, 100, 1},
                                          {16, 2, most - 7}}) {
    SCOPED_TRACE(std::to_string(of.type) + " " + std::to_string(of.count));
    TiffBytes bytes = start(2);
    bytes.entry(256, 4, 1, {77}, 4).entry_at(333, of.type, of.count, of.offset).next(0);
    from_both(bytes.bytes, [&](const TiffInput& input) {
      const TiffDirectory directory = must(first_of(input));
      const auto tag = static_cast<TiffTag>(333);
      EXPECT_EQ(directory.integer(TiffTag::image_width), 77U) << "the others are read";
      EXPECT_THAT(directory.integers(tag, 1000), IsEmpty());
      EXPECT_THAT(directory.numbers(tag, 1000), IsEmpty());
      EXPECT_THAT(directory.bytes(tag, ~std::uint64_t{0}), IsEmpty());
      EXPECT_FALSE(directory.array(tag));
    });
  }
}

TEST_P(TiffLayouts, ValuesUpToTheLastByte) {
  for (const std::uint64_t missing : {0U, 1U}) {
    TiffBytes bytes = with_values(273, 4, {10, 20, 30, 40}, 4);
    bytes.bytes.resize(bytes.bytes.size() - missing);
    from_both(bytes.bytes, [&](const TiffInput& input) {
      const TiffDirectory directory = must(first_of(input));
      EXPECT_EQ(directory.integers(TiffTag::strip_offsets, 4).size(), missing == 0 ? 4U : 0U);
      EXPECT_EQ(directory.array(TiffTag::strip_offsets).has_value(), missing == 0);
      EXPECT_EQ(directory.integer(TiffTag::strip_offsets), 10U) << "the first is there";
      EXPECT_EQ(directory.bytes_from(input.size() - 2, 100).size(), 2U);
      EXPECT_THAT(directory.bytes_from(input.size(), 1), IsEmpty());
      EXPECT_THAT(directory.bytes_from(~std::uint64_t{0}, 1), IsEmpty());
    });
  }
}

TEST_P(TiffLayouts, ArraysThatAreNotKeptInMemory) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < 3000; ++i) numbers.push_back(i * 7919 % 65536);
  const auto bytes = with_values(324, 3, numbers, 2).bytes;
  from_both(bytes, [&](const TiffInput& input) {
    const auto array = must(first_of(input)).array(TiffTag::tile_offsets);
    ASSERT_TRUE(array);
    EXPECT_EQ(array->loaded_bytes(), 0U);
    EXPECT_EQ(must(array->all(input)), numbers);
    EXPECT_EQ(must(array->at(input, 2999)), numbers[2999]);
    EXPECT_THAT(must(array->range(input, 1000, 2)), ElementsAre(numbers[1000], numbers[1001]));
  });
}

TEST_P(TiffLayouts, UnsortedAndDoubleTagsAndEntriesWithoutValues) {
  TiffBytes bytes = start(7);
  bytes.entry(257, 3, 1, {11}, 2).entry(256, 3, 1, {22}, 2).entry(256, 3, 1, {33}, 2);
  bytes.entry(258, 99, 1, {44}, 2).entry(258, 3, 0, {55}, 2).entry(258, 3, 1, {66}, 2);
  bytes.entry(254, 0, 1, {1}, 4).next(0);
  from_both(bytes.bytes, [&](const TiffInput& input) {
    const TiffDirectory directory = must(first_of(input));
    EXPECT_EQ(directory.integer(TiffTag::image_width), 22U) << "the first of two";
    EXPECT_EQ(directory.integer(TiffTag::image_length), 11U);
    EXPECT_EQ(directory.integer(TiffTag::bits_per_sample), 66U) << "the first with a value";
    EXPECT_FALSE(directory.has(TiffTag::subfile_type));
    ASSERT_EQ(directory.entries().size(), 7U);
    EXPECT_THAT(directory.value(directory.entries()[3], 100), IsEmpty());
    EXPECT_EQ(directory.field_number(directory.entries()[3], 2), 44U);
  });
}

TEST_P(TiffLayouts, DirectoriesOfTooManyEntriesOrCutShort) {
  for (const std::uint64_t stated : {0U, 1U, 512U, 513U, 65535U}) {
    SCOPED_TRACE(stated);
    TiffBytes bytes = start(stated);
    for (std::uint64_t i = 0; i < stated; ++i) bytes.entry(1000 + i % 60000, 3, 1, {i}, 2);
    bytes.next(0);
    from_both(bytes.bytes, [&](const TiffInput& input) {
      EXPECT_EQ(first_of(input).has_value(), stated == 1 || stated == 512);
      const TiffDirectory tolerated = must(first_of(input, TiffDamage::tolerated));
      EXPECT_EQ(tolerated.entries().size(), std::min<std::uint64_t>(stated, 512));
    });
  }
  TiffBytes whole = start(3);
  whole.entry(256, 3, 1, {1}, 2).entry(257, 3, 1, {2}, 2).entry(258, 3, 1, {3}, 2).next(12345);
  const std::size_t entry = GetParam().big_tiff ? 20 : 12;
  const std::size_t word = static_cast<std::size_t>(whole.word());
  const std::size_t entries_end = whole.bytes.size() - word;
  EXPECT_EQ(must(first_of(ByteSpan(whole.bytes))).next(), 12345U);
  for (std::size_t length = 0; length < whole.bytes.size(); ++length) {
    const std::vector<std::uint8_t> cut(whole.bytes.begin(),
                                        whole.bytes.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(first_of(ByteSpan(cut))) << length;
    const Result<TiffDirectory> part = first_of(ByteSpan(cut), TiffDamage::tolerated);
    const std::size_t entries_start = entries_end - 3 * entry;
    ASSERT_EQ(part.has_value(), length >= entries_start) << length;
    if (!part) continue;
    EXPECT_EQ(part->entries().size(), std::min<std::size_t>((length - entries_start) / entry, 3));
    EXPECT_EQ(part->next(), 0U);
  }
}

TEST_P(TiffLayouts, ChainsEndWhereTheyTurnBackOrBreak) {
  const std::uint64_t first = TiffBytes{GetParam().big_endian, GetParam().big_tiff}.behind_header();
  const std::uint64_t size = (GetParam().big_tiff ? 8 + 20 + 8 : 2 + 12 + 4);
  const auto chain = [&](std::size_t count, std::uint64_t last) {
    TiffBytes bytes{GetParam().big_endian, GetParam().big_tiff};
    bytes.header(first);
    for (std::size_t i = 0; i < count; ++i) {
      bytes.entries(1).entry(256, 3, 1, {i}, 2);
      bytes.next(i + 1 == count ? last : first + (i + 1) * size);
    }
    return bytes.bytes;
  };
  const auto length_of = [&](const std::vector<std::uint8_t>& bytes, std::ptrdiff_t warnings) {
    std::size_t length = 0;
    from_both(bytes, [&](const TiffInput& input) {
      Lines log;
      const auto found = must(read_tiff_chain(input, log));
      length = found.size();
      EXPECT_EQ(found.back().integer(TiffTag::image_width), length - 1);
      EXPECT_EQ(log.count(LogLevel::warning, "chain"), warnings);
    });
    return length;
  };
  EXPECT_EQ(length_of(chain(3, 0), 0), 3U);
  EXPECT_EQ(length_of(chain(3, first), 0), 3U) << "back to the first";
  EXPECT_EQ(length_of(chain(3, first + 2 * size), 0), 3U) << "to itself";
  EXPECT_EQ(length_of(chain(1, first), 0), 1U);
  EXPECT_EQ(length_of(chain(3, 1 << 20), 1), 3U) << "outside";
  EXPECT_EQ(length_of(chain(600, 0), 0), 512U) << "no more than the cap";
}

TEST_P(TiffLayouts, SubDirectoriesAndThoseThatLeadNowhere) {
  TiffBytes bytes = start(2);
  const std::uint64_t own = bytes.behind_header();
  const std::uint64_t size = GetParam().big_tiff ? 8 + 40 + 8 : 2 + 24 + 4;
  const std::uint64_t values = own + size;
  const std::uint64_t child = values + 4 * 4;
  bytes.entry_at(330, 13, 4, values).entry(34665, 4, 1, {child}, 4).next(0);
  bytes.number(child, 4).number(0, 4).number(1 << 20, 4).number(own, 4);
  bytes.entries(1).entry(256, 3, 1, {42}, 2).next(0);
  from_both(bytes.bytes, [&](const TiffInput& input) {
    Lines log;
    const TiffDirectory directory = must(first_of(input));
    const std::vector<TiffDirectory> children = directory.children(log);
    ASSERT_EQ(children.size(), 2U) << "one of them is the directory itself, and not gone into";
    EXPECT_EQ(children[0].integer(TiffTag::image_width), 42U);
    EXPECT_EQ(children[1].offset(), own);
    EXPECT_EQ(log.count(LogLevel::warning, "SubIFD"), 1);
    EXPECT_EQ(directory.directory(TiffTag::exif_ifd)->integer(TiffTag::image_width), 42U);
    EXPECT_FALSE(directory.directory(TiffTag::gps_ifd));
  });
}

TEST_P(TiffLayouts, Headers) {
  TiffBytes good = start(1);
  for (const auto& [place, value] :
       std::vector<std::pair<std::size_t, int>>{{0, 'X'}, {1, 'X'}, {2, 7}, {3, 7}}) {
    auto bytes = good.bytes;
    bytes[place] = static_cast<std::uint8_t>(value);
    EXPECT_FALSE(read_tiff_header(ByteSpan(bytes))) << place;
    EXPECT_FALSE(is_tiff(bytes)) << place;
  }
  EXPECT_TRUE(is_tiff(good.bytes));
  EXPECT_EQ(must(read_tiff_header(ByteSpan(good.bytes))).first, good.behind_header());
  for (std::size_t length = 0; length < good.behind_header(); ++length) {
    EXPECT_FALSE(read_tiff_header(ByteSpan(good.bytes).first(length))) << length;
  }
  if (!GetParam().big_tiff) return;
  for (std::size_t place = 4; place < 8; ++place) {
    auto bytes = good.bytes;
    bytes[place] ^= 1U;
    EXPECT_FALSE(read_tiff_header(ByteSpan(bytes))) << "offsets of another width";
  }
}

}  // namespace
}  // namespace iip::test
