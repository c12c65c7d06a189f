#include <string>
#include <vector>

#include "parsing.h"

namespace iip {
namespace {

using Form = SizeRequest::Form;
using Enlarging = SizeRequest::Enlarging;
using OverLimit = SizeRequest::OverLimit;

Result<Parsed> parse_iiif_path(const std::string& path, int version = 3) {
  return parse_path(path, Protocol::iiif, version);
}

TEST(IiifRegion, FullAndSquare) {
  EXPECT_NE(region_of<WholeImage>(parse_iiif_path("a/full/max/0/default.jpg")), nullptr);
  EXPECT_NE(region_of<CentredSquare>(parse_iiif_path("a/square/max/0/default.jpg")), nullptr);
}

TEST(IiifRegion, Pixels) {
  const auto parsed = parse_iiif_path("a/125,15,4294967296,140/max/0/default.jpg");
  const auto* region = region_of<PixelRegion>(parsed);
  ASSERT_NE(region, nullptr) << why(parsed);
  EXPECT_EQ(region->x, 125u);
  EXPECT_EQ(region->y, 15u);
  EXPECT_EQ(region->width, 4294967296u);
  EXPECT_EQ(region->height, 140u);
}

TEST(IiifRegion, Percent) {
  const auto parsed = parse_iiif_path("a/pct:41.6,.5,40.,070/max/0/default.jpg");
  const auto* region = region_of<PercentRegion>(parsed);
  ASSERT_NE(region, nullptr) << why(parsed);
  EXPECT_EQ(region->x, 41.6);
  EXPECT_EQ(region->y, 0.5);
  EXPECT_EQ(region->width, 40);
  EXPECT_EQ(region->height, 70);
}

TEST(IiifRegion, Malformed) {
  for (const char* region : {"",
                             "Full",
                             "FULL",
                             "0,0,0,10",
                             "0,0,10,0",
                             "0,0,10",
                             "0,0,10,10,10",
                             "0,0,10,10,",
                             ",0,10,10",
                             "-1,0,10,10",
                             "+1,0,10,10",
                             "0.5,0,10,10",
                             "1e1,0,10,10",
                             "0x1,0,10,10",
                             "%201,0,10,10",
                             "1%20,0,10,10",
                             "nan,0,10,10",
                             "18446744073709551616,0,1,1",
                             "pct:",
                             "pct:0,0,0,10",
                             "pct:0,0,10,0",
                             "pct:0,0,0.000,10",
                             "pct:-1,0,10,10",
                             "pct:0,0,1e1,10",
                             "pct:0,0,inf,10",
                             "pct:0,0,nan,10",
                             "pct:0,0,10",
                             "pct:0,0,1.2.3,10",
                             "pct:0,0,.,10",
                             "pct:0,0,0x10,10",
                             "PCT:0,0,10,10",
                             "percent:0,0,10,10",
                             "full,",
                             "square%00",
                             "%zz",
                             "\xD9\xA3,0,10,10"}) {
    const auto parsed = parse_iiif_path("a/" + std::string(region) + "/max/0/default.jpg");
    ASSERT_FALSE(parsed) << region;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed) << region;
    EXPECT_FALSE(parsed.error().message.empty());
    EXPECT_TRUE(parsed.error().wire_body.empty());
  }
}

struct SizeCase {
  const char* text;
  int version;
  Form form;
  std::uint64_t width, height;
  double percent;
  Enlarging enlarging;
};

TEST(IiifSize, Forms) {
  const SizeCase cases[] = {
      {"max", 3, Form::natural, 0, 0, 100, Enlarging::refused},
      {"^max", 3, Form::largest, 0, 0, 100, Enlarging::allowed},
      {"%5Emax", 3, Form::largest, 0, 0, 100, Enlarging::allowed},
      {"150,", 3, Form::width, 150, 0, 100, Enlarging::refused},
      {"^150,", 3, Form::width, 150, 0, 100, Enlarging::allowed},
      {",150", 3, Form::height, 0, 150, 100, Enlarging::refused},
      {"^,150", 3, Form::height, 0, 150, 100, Enlarging::allowed},
      {"pct:50", 3, Form::percent, 0, 0, 50, Enlarging::refused},
      {"pct%3A50", 3, Form::percent, 0, 0, 50, Enlarging::refused},
      {"pct:100", 3, Form::percent, 0, 0, 100, Enlarging::refused},
      {"^pct:120", 3, Form::percent, 0, 0, 120, Enlarging::allowed},
      {"225,100", 3, Form::exact, 225, 100, 100, Enlarging::refused},
      {"225%2C100", 3, Form::exact, 225, 100, 100, Enlarging::refused},
      {"^360,360", 3, Form::exact, 360, 360, 100, Enlarging::allowed},
      {"!225,100", 3, Form::confined, 225, 100, 100, Enlarging::refused},
      {"%21225,100", 3, Form::confined, 225, 100, 100, Enlarging::refused},
      {"^!360,361", 3, Form::confined, 360, 361, 100, Enlarging::allowed},
      {"full", 2, Form::natural, 0, 0, 100, Enlarging::allowed},
      {"max", 2, Form::natural, 0, 0, 100, Enlarging::allowed},
      {"150,", 2, Form::width, 150, 0, 100, Enlarging::allowed},
      {",150", 2, Form::height, 0, 150, 100, Enlarging::allowed},
      {"pct:120.5", 2, Form::percent, 0, 0, 120.5, Enlarging::allowed},
      {"225,100", 2, Form::exact, 225, 100, 100, Enlarging::allowed},
      {"!225,100", 2, Form::confined, 225, 100, 100, Enlarging::silent},
  };
  for (const SizeCase& expected : cases) {
    const auto parsed = parse_iiif_path("a/full/" + std::string(expected.text) + "/0/default.jpg",
                                        expected.version);
    const ImageRequest* image = image_request(parsed);
    ASSERT_NE(image, nullptr) << expected.text << ": " << why(parsed);
    EXPECT_EQ(image->size.form, expected.form) << expected.text;
    EXPECT_EQ(image->size.width, expected.width) << expected.text;
    EXPECT_EQ(image->size.height, expected.height) << expected.text;
    EXPECT_EQ(image->size.percent, expected.percent) << expected.text;
    EXPECT_EQ(image->size.enlarging, expected.enlarging) << expected.text;
    EXPECT_EQ(image->size.over_limit, OverLimit::refused) << expected.text;
    EXPECT_EQ(image->iiif_version, expected.version) << expected.text;
  }
}

TEST(IiifSize, Malformed) {
  const auto refused = [](const char* size, int version) {
    const auto parsed = parse_iiif_path("a/full/" + std::string(size) + "/0/default.jpg", version);
    return !parsed && parsed.error().kind == ErrorKind::malformed;
  };
  for (const char* size :
       {"",         ",",        "!,",      "0,",      ",0",      "0,0",
        "0,10",     "10,0",     "!0,10",   "!10,",    "!,10",    "10",
        "10,10,10", "10,10,",   "-5,",     "+5,",     "5.0,",    "1e2,",
        "0x10,",    "%2010,",   "10%20,",  "nan,",    "inf,",    "MAX",
        "pct:",     "pct:0",    "pct:0.0", "pct:-1",  "pct:1e1", "pct:nan",
        "pct:50,",  "!max",     "!pct:50", "!^10,10", "max,",    "18446744073709551616,",
        "%",        "\xD9\xA3,"}) {
    EXPECT_TRUE(refused(size, 3)) << size;
    EXPECT_TRUE(refused(size, 2)) << size;
  }
  for (const char* size : {"full", "^full", "pct:100.01", "pct:101", "^", "^^max", "^pct:0"}) {
    EXPECT_TRUE(refused(size, 3)) << size;
  }
  for (const char* size : {"^max", "^10,", "^,10", "^10,10", "^!10,10", "^pct:120", "^full"}) {
    EXPECT_TRUE(refused(size, 2)) << size;
  }
}

TEST(IiifRotation, Degrees) {
  struct Case {
    const char* text;
    bool mirror;
    double degrees;
  };
  for (const Case& expected : {Case{"0", false, 0},
                               {"90", false, 90},
                               {"22.5", false, 22.5},
                               {".5", false, 0.5},
                               {"359.999", false, 359.999},
                               {"360", false, 0},
                               {"360.0", false, 0},
                               {"!0", true, 0},
                               {"!180", true, 180},
                               {"%21270", true, 270},
                               {"!360", true, 0}}) {
    const auto parsed =
        parse_iiif_path("a/full/max/" + std::string(expected.text) + "/default.jpg");
    const ImageRequest* image = image_request(parsed);
    ASSERT_NE(image, nullptr) << expected.text << ": " << why(parsed);
    EXPECT_EQ(image->mirror, expected.mirror) << expected.text;
    EXPECT_EQ(image->rotation, expected.degrees) << expected.text;
  }
}

TEST(IiifRotation, Malformed) {
  for (const char* rotation :
       {"", "!", "!!90", "90!", "-90", "+90", "360.1", "361", "1e2", "nan", "inf", "0x5A", "%2090",
        "90%20", "90,", "ninety", "%zz", "1.2.3", "."}) {
    const auto parsed = parse_iiif_path("a/full/max/" + std::string(rotation) + "/default.jpg");
    ASSERT_FALSE(parsed) << rotation;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed) << rotation;
  }
}

TEST(IiifOutput, QualitiesAndFormats) {
  struct Case {
    const char* file;
    int version;
    Colouring colouring;
    Format format;
  };
  for (const Case& expected : {Case{"default.jpg", 3, Colouring::as_is, Format::jpeg},
                               {"default.png", 3, Colouring::as_is, Format::png},
                               {"color.jpg", 3, Colouring::as_is, Format::jpeg},
                               {"gray.png", 3, Colouring::grey, Format::png},
                               {"bitonal.jpg", 3, Colouring::bitonal, Format::jpeg},
                               {"bitonal.png", 2, Colouring::bitonal, Format::png},
                               {"native.jpg", 2, Colouring::as_is, Format::jpeg},
                               {"grey.jpg", 2, Colouring::grey, Format::jpeg}}) {
    const auto parsed =
        parse_iiif_path("a/full/max/0/" + std::string(expected.file), expected.version);
    const ImageRequest* image = image_request(parsed);
    ASSERT_NE(image, nullptr) << expected.file << ": " << why(parsed);
    EXPECT_EQ(image->colouring, expected.colouring) << expected.file;
    EXPECT_EQ(image->format, expected.format) << expected.file;
    EXPECT_FALSE(image->quality.has_value());
    EXPECT_FALSE(image->name_the_file);
  }
}

TEST(IiifOutput, Malformed) {
  for (const char* file : {"default",      "default.",       ".jpg",
                           "default.jpeg", "default.JPG",    "Default.jpg",
                           "native.jpg",   "grey.jpg",       "default.tiff",
                           "default.gif",  "default.jp2",    "default.pdf",
                           "default.bmp",  "default.avifs",  "default.exe",
                           "default.jpg.", "default.jpg%20", "colour.jpg",
                           "negative.jpg", "default.jpg%00", "default.j%70%67%0d%0aX:1"}) {
    const auto parsed = parse_iiif_path("a/full/max/0/" + std::string(file));
    ASSERT_FALSE(parsed) << file;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed) << file;
  }
  for (const char* file : {"weird.jpg", "native", "grey.gif", "%zz"}) {
    EXPECT_FALSE(parse_iiif_path("a/full/max/0/" + std::string(file), 2)) << file;
  }
  const auto unserved = parse_iiif_path("a/full/max/0/default.gif");
  ASSERT_FALSE(unserved);
  EXPECT_THAT(unserved.error().message, testing::HasSubstr("jpg, png, webp, avif and tif"));
}

TEST(IiifIdentifier, IsReadFromTheRightAndDecodedOnce) {
  struct Case {
    const char* raw;
    const char* image;
    const char* identifier;
  };
  const Case cases[] = {
      {"a.tif", "a.tif", "a.tif"},
      {"dir/a.tif", "dir/a.tif", "dir/a.tif"},
      {"a/b/c/d/e/f.tif", "a/b/c/d/e/f.tif", "a/b/c/d/e/f.tif"},
      {"dir%2Fa.tif", "dir/a.tif", "dir%2Fa.tif"},
      {"dir%2fa.tif", "dir/a.tif", "dir%2fa.tif"},
      {"dir%252Fa.tif", "dir%2Fa.tif", "dir%252Fa.tif"},
      {"a%253C.tif", "a%3C.tif", "a%253C.tif"},
      {"a%20b.tif", "a b.tif", "a%20b.tif"},
      {"a b.tif", "a b.tif", "a%20b.tif"},
      {"a+b.tif", "a+b.tif", "a+b.tif"},
      {"a%2Bb.tif", "a+b.tif", "a%2Bb.tif"},
      {"100%25.tif", "100%.tif", "100%25.tif"},
      {"what%3F.tif", "what?.tif", "what%3F.tif"},
      {"a;b.tif", "a;b.tif", "a;b.tif"},
      {"a[1].tif", "a[1].tif", "a%5B1%5D.tif"},
      {"a%5B1%5D.tif", "a[1].tif", "a%5B1%5D.tif"},
      {"%23hash%40.tif", "#hash@.tif", "%23hash%40.tif"},
      {"K%C3%B6ln.tif", "K\xC3\xB6ln.tif", "K%C3%B6ln.tif"},
      {"K\xC3\xB6ln.tif", "K\xC3\xB6ln.tif", "K%C3%B6ln.tif"},
      {"%2D%3A", "-:", "%2D%3A"},
      {"ark:/12025/654xz321", "ark:/12025/654xz321", "ark:/12025/654xz321"},
      {"quote\"<>.tif", "quote\"<>.tif", "quote%22%3C%3E.tif"},
      {"full", "full", "full"},
      {"info.json", "info.json", "info.json"},
      {"x_files/3", "x_files/3", "x_files/3"},
      {"..%2f..%2fetc%2fpasswd", "../../etc/passwd", "..%2f..%2fetc%2fpasswd"},
      {"a%0d%0aSet-Cookie:x=1", "a\r\nSet-Cookie:x=1", "a%0d%0aSet-Cookie:x=1"},
      {"a\r\nb", "a\r\nb", "a%0D%0Ab"},
  };
  for (const Case& expected : cases) {
    for (const char* suffix :
         {"/info.json", "/full/max/0/default.jpg", "/0,0,9,9/5,/!90/gray.png"}) {
      for (const Protocol protocol : {Protocol::iiif, Protocol::automatic}) {
        const auto parsed = parse_path(std::string(expected.raw) + suffix, protocol);
        ASSERT_TRUE(parsed) << expected.raw << suffix << ": " << why(parsed);
        EXPECT_EQ(parsed->protocol, Protocol::iiif);
        EXPECT_EQ(parsed->image, expected.image) << expected.raw << suffix;
        EXPECT_EQ(parsed->identifier, expected.identifier) << expected.raw << suffix;
        EXPECT_TRUE(parsed->in_path);
        EXPECT_TRUE(parsed->varies_on_accept);
      }
    }
  }
}

TEST(IiifIdentifier, Malformed) {
  for (const char* raw : {"%00", "a%00.tif", "%", "a%2", "a%zz.tif", "a%u0041", "%%41"}) {
    for (const char* suffix : {"", "/", "/info.json", "/full/max/0/default.jpg"}) {
      const auto parsed = parse_path(std::string(raw) + suffix, Protocol::iiif);
      ASSERT_FALSE(parsed) << raw << suffix;
      EXPECT_EQ(parsed.error().kind, ErrorKind::malformed);
    }
  }
  const auto nul = parse_path(std::string_view("a\0b/info.json", 13), Protocol::iiif);
  EXPECT_FALSE(nul);
}

TEST(IiifIdentifier, NoImageNamed) {
  for (const char* path : {"info.json", "/info.json", "full/max/0/default.jpg",
                           "/full/max/0/default.jpg", "img/max/0/default.jpg", "/"}) {
    const auto parsed = parse_path(path, Protocol::iiif);
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed) << path;
  }
}

TEST(IiifBaseUri, WithAndWithoutTrailingSlash) {
  struct Case {
    const char* path;
    const char* image;
  };
  for (const Case& expected : {Case{"a.tif", "a.tif"},
                               {"a.tif/", "a.tif"},
                               {"dir%2Fa.tif", "dir/a.tif"},
                               {"dir/a.tif", "dir/a.tif"},
                               {"p/q/r/s/a.tif", "p/q/r/s/a.tif"},
                               {"dir/default.jpg", "dir/default.jpg"}}) {
    const auto parsed = parse_path(expected.path, Protocol::iiif);
    ASSERT_NE(info_request<IiifBase>(parsed), nullptr) << expected.path << ": " << why(parsed);
    EXPECT_EQ(parsed->image, expected.image);
    EXPECT_TRUE(parsed->varies_on_accept);
  }
}

// One or two mistakes do not make an image request into a base URI.
TEST(IiifImage, MistakesAreNotABaseUri) {
  for (const char* path :
       {"a/bad/max/0/default.jpg", "a/full/bad/0/default.jpg", "a/full/max/bad/default.jpg",
        "a/full/max/0/bad.jpg", "a/full/max/0/default.bad", "a/full/max/0/default",
        "a/bad/bad/bad/default.jpg", "a/full/max/bad/bad", "a/bad/max/0/bad"}) {
    const auto parsed = parse_path(path, Protocol::iiif);
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed) << path;
  }
}

TEST(IiifVersion, ByAcceptAndByOption) {
  const char* v2 = "application/ld+json;profile=\"http://iiif.io/api/image/2/context.json\"";
  const char* v3 = "application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\"";
  EXPECT_EQ(info_request<IiifInfo>(parse_path("a/info.json", Protocol::iiif, 3, v2))->version, 2);
  EXPECT_EQ(info_request<IiifInfo>(parse_path("a/info.json", Protocol::iiif, 2, v3))->version, 3);
  EXPECT_EQ(info_request<IiifInfo>(parse_path("a/info.json", Protocol::iiif, 2))->version, 2);
  EXPECT_EQ(info_request<IiifInfo>(parse_path("a/info.json", Protocol::iiif, 3))->version, 3);
  // The version decides what a size may be.
  const char* full = "a/full/full/0/native.jpg";
  EXPECT_EQ(image_request(parse_path(full, Protocol::iiif, 3, v2))->iiif_version, 2);
  EXPECT_FALSE(parse_path(full, Protocol::iiif, 2, v3));
}

}  // namespace
}  // namespace iip
