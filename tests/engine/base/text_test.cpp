#include "engine/base/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace iip {
namespace {

using namespace std::string_view_literals;

struct Text : ::testing::Test {
  std::pmr::memory_resource* memory = std::pmr::new_delete_resource();
};

TEST_F(Text, UnsignedIsDigitsAlone) {
  EXPECT_EQ(parse_unsigned("0"), 0U);
  EXPECT_EQ(parse_unsigned("007"), 7U);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), UINT64_MAX);
  for (const auto text : {""sv, "18446744073709551616"sv, "+1"sv, "-1"sv, " 1"sv, "1 "sv, "1e3"sv,
                          "0x10"sv, "1.0"sv, "1\0"sv, "\xD9\xA1"sv}) {
    EXPECT_FALSE(parse_unsigned(text)) << text;
  }
}

TEST_F(Text, DecimalIsTheFormOfIiif) {
  EXPECT_EQ(parse_decimal("5"), 5);
  EXPECT_EQ(parse_decimal("5."), 5);
  EXPECT_EQ(parse_decimal(".5"), 0.5);
  EXPECT_EQ(parse_decimal("0.50"), 0.5);
  EXPECT_EQ(parse_decimal("41.6"), 41.6);
  const std::string long_text(400, '9');  // more than a double can hold
  for (const std::string_view text :
       {""sv, "."sv, ".."sv, "1.2.3"sv, "-1"sv, "+1"sv, "1e5"sv, "inf"sv, "nan"sv, " 1"sv, "1,5"sv,
        "0x1"sv, std::string_view(long_text)}) {
    EXPECT_FALSE(parse_decimal(text)) << text;
  }
}

TEST_F(Text, SignedDecimalTakesSignAndExponent) {
  EXPECT_EQ(parse_signed_decimal("-1.5"), -1.5);
  EXPECT_EQ(parse_signed_decimal("+2"), 2);
  EXPECT_EQ(parse_signed_decimal("1e3"), 1000);
  EXPECT_EQ(parse_signed_decimal("-.5E-1"), -0.05);
  for (const auto text : {""sv, "-"sv, "+"sv, "+-1"sv, "-+1"sv, "--1"sv, "inf"sv, "-nan"sv,
                          "1e999"sv, "1e"sv, "e5"sv, "1 "sv, "0x1p3"sv}) {
    EXPECT_FALSE(parse_signed_decimal(text)) << text;
  }
}

TEST_F(Text, CaseAndBlanks) {
  EXPECT_TRUE(equal_ignoring_case("FiF", "fif"));
  EXPECT_FALSE(equal_ignoring_case("fif", "fi"));
  EXPECT_FALSE(equal_ignoring_case("\xC3\x84", "\xC3\xA4"));  // ASCII alone folds
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim(""), "");
}

TEST_F(Text, TakeUntilConsumesTheFront) {
  std::string_view text = "a,,b";
  EXPECT_EQ(take_until(text, ','), "a");
  EXPECT_EQ(take_until(text, ','), "");
  EXPECT_EQ(take_until(text, ','), "b");
  EXPECT_EQ(take_until(text, ','), "");
  EXPECT_TRUE(text.empty());
}

TEST_F(Text, DecodingHappensOnce) {
  EXPECT_EQ(percent_decode("a%2Fb%20c", memory), "a/b c");
  EXPECT_EQ(percent_decode("%252F", memory), "%2F");
  EXPECT_EQ(percent_decode("%c3%84", memory), "\xC3\x84");
  EXPECT_EQ(percent_decode("a+b", memory), "a+b");
  EXPECT_EQ(percent_decode("a+b%2B", memory, true), "a b+");
  EXPECT_EQ(percent_decode("", memory), "");
  for (const auto text : {"%"sv, "%2"sv, "a%"sv, "%zz"sv, "%2g"sv, "%%20"sv, "%00"sv, "a%00b"sv,
                          "a\0b"sv, "% 1"sv, "%-1"sv}) {
    EXPECT_FALSE(percent_decode(text, memory)) << text;
  }
}

TEST_F(Text, NormalisingKeepsWhatIsLegal) {
  EXPECT_EQ(percent_normalise("a%2fb/c;d=e", memory), "a%2fb/c;d=e");
  EXPECT_EQ(percent_normalise("50%", memory), "50%25");
  EXPECT_EQ(percent_normalise("%zz", memory), "%25zz");
  EXPECT_EQ(percent_normalise("a b\"<>\n\x7F\xC3?#", memory), "a%20b%22%3C%3E%0A%7F%C3%3F%23");
}

TEST_F(Text, EncodingIsUndoneByDecoding) {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  const auto encoded = percent_encode(all, memory);
  for (const char c : encoded) {
    const bool unreserved_or_escape = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                                      (c >= 'a' && c <= 'z') ||
                                      "-._~%"sv.find(c) != std::string_view::npos;
    EXPECT_TRUE(unreserved_or_escape) << c;
  }
  EXPECT_EQ(percent_decode(encoded, memory), std::string_view(all));
  EXPECT_EQ(percent_encode("a/b:c~d e", memory), "a%2Fb%3Ac~d%20e");
}

TEST_F(Text, XmlEscapesTheFive) {
  EXPECT_EQ(xml_escape("<a b=\"c\" d='e'>&amp;", memory),
            "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;amp;");
}

TEST_F(Text, NumbersAreTheShortestThatReadBack) {
  std::pmr::string out(memory);
  append_number(out, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(out, "-9223372036854775808");
  out.clear();
  append_number(out, UINT64_MAX);
  EXPECT_EQ(out, "18446744073709551615");
  for (const auto& [value, text] :
       {std::pair{0.1, "0.1"}, std::pair{300.0, "300"}, std::pair{-2.5, "-2.5"},
        std::pair{1.0 / 3, "0.3333333333333333"}}) {
    out.clear();
    append_number(out, value);
    EXPECT_EQ(out, text);
  }
}

}  // namespace
}  // namespace iip
