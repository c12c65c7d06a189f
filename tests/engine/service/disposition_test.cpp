#include "engine/service/disposition.h"

#include <gtest/gtest.h>

namespace iip {
namespace {

std::pmr::string header(std::string_view name, bool attachment = false,
                        Format format = Format::jpeg) {
  return content_disposition(attachment, name, {640, 480}, format,
                             std::pmr::get_default_resource());
}

TEST(ContentDisposition, NamesTheLastComponentAndTheSize) {
  EXPECT_EQ(header("maps/old/city.tif"), R"(inline; filename="city_640x480.jpg")");
  EXPECT_EQ(header("city.v2.tiff", true, Format::png),
            R"(attachment; filename="city.v2_640x480.png")");
  EXPECT_EQ(header("noextension"), R"(inline; filename="noextension_640x480.jpg")");
  EXPECT_EQ(header(".hidden"), R"(inline; filename=".hidden_640x480.jpg")");
}

TEST(ContentDisposition, NothingInANameEndsTheHeader) {
  const auto text = header("a\"b\\c\r\nSet-Cookie: x.tif");
  EXPECT_EQ(text.find_first_of("\r\n"), std::pmr::string::npos);
  EXPECT_TRUE(text.starts_with(R"(inline; filename="a_b_c__Set-Cookie: x_640x480.jpg";)")) << text;
  EXPECT_NE(text.find("filename*=UTF-8''a%22b%5Cc%0D%0ASet-Cookie%3A%20x_640x480.jpg"),
            std::pmr::string::npos)
      << text;
}

TEST(ContentDisposition, Utf8NamesAreGivenTwice) {
  EXPECT_EQ(header("für.tif"),
            "inline; filename=\"f__r_640x480.jpg\"; filename*=UTF-8''f%C3%BCr_640x480.jpg");
}

}  // namespace
}  // namespace iip
