#include <gtest/gtest.h>

#include "engine/base/text.h"

namespace iip {
namespace {

TEST(ToUtf8, KeepsWhatIsValid) {
  for (const char* text : {"", "plain", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                           "\xED\x9F\xBF\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(to_utf8(text), text);
  }
}

TEST(ToUtf8, TakesTheRestForLatin1) {
  EXPECT_EQ(to_utf8("Andr\xE9"), "Andr\xC3\xA9");
  EXPECT_EQ(to_utf8("\xFF"), "\xC3\xBF");
  EXPECT_EQ(to_utf8("\xC0\x80"), "\xC3\x80\xC2\x80") << "overlong NUL";
  EXPECT_EQ(to_utf8("\xE0\x80\xAF"), "\xC3\xA0\xC2\x80\xC2\xAF") << "overlong slash";
  EXPECT_EQ(to_utf8("\xED\xA0\x80"), "\xC3\xAD\xC2\xA0\xC2\x80") << "a surrogate";
  EXPECT_EQ(to_utf8("\xF4\x90\x80\x80"), "\xC3\xB4\xC2\x90\xC2\x80\xC2\x80") << "above U+10FFFF";
  EXPECT_EQ(to_utf8("\xE2\x82"), "\xC3\xA2\xC2\x82") << "cut short";
}

}  // namespace
}  // namespace iip
