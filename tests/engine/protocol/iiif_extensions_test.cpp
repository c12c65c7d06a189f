// What IIIF URLs may say beyond the standard: more qualities, formats, a query, the number of a
// page.
#include <string>

#include "parsing.h"

namespace iip {
namespace {

TEST(IiifExtensions, AreOffUnlessSwitchedOn) {
  const auto parsed = parse({.path = "a/full/max/0/default.jpg", .query = "CNT=2&INV&BIT=16"},
                            {.protocol = Protocol::iiif}, heap());
  const ImageRequest* request = image_request(parsed);
  ASSERT_NE(request, nullptr) << why(parsed);
  EXPECT_TRUE(request->processing.is_neutral());
  EXPECT_EQ(request->bits, 8);
  EXPECT_TRUE(parse({.path = "a/full/max/0/default.jpg", .query = "CNT=rubbish"},
                    {.protocol = Protocol::iiif}, heap()));
  for (const char* quality : {"negative", "stretch", "equalization", "log"}) {
    EXPECT_FALSE(parse_path("a/full/max/0/" + std::string(quality) + ".jpg", Protocol::iiif));
  }
}

TEST(IiifExtensions, Qualities) {
  const auto processing = [](const std::string& output) {
    const auto parsed = parse_extended("", output);
    EXPECT_NE(image_request(parsed), nullptr) << why(parsed);
    return image_request(parsed)->processing;
  };
  EXPECT_TRUE(processing("negative.jpg").invert);
  EXPECT_EQ(processing("stretch.png").spread, Spread::stretch);
  EXPECT_EQ(processing("equalization.webp").spread, Spread::equalise);
  EXPECT_TRUE(processing("log.tif").logarithm);
  EXPECT_TRUE(processing("default.avif").is_neutral());
  const auto both = parse_extended("CNT=1.5&GAM=2", "negative.jpg");
  EXPECT_TRUE(image_request(both)->processing.invert);
  EXPECT_EQ(image_request(both)->processing.contrast, 1.5);
  EXPECT_EQ(image_request(both)->processing.gamma, 2);
  for (const char* output : {"Negative.jpg", "negativ.jpg", "eq.jpg", "inverse.jpg", "jet.png"}) {
    EXPECT_FALSE(parse_extended("", output)) << output;
  }
}

TEST(IiifExtensions, Query) {
  const auto parsed =
      parse_extended("v=3&CNT=1.5&x&GAM=0.8&MINMAX=0%3A100%2C4000&CMP=jet&BIT=16&=");
  const ImageRequest* request = image_request(parsed);
  ASSERT_NE(request, nullptr) << why(parsed);
  EXPECT_EQ(request->processing.contrast, 1.5);
  EXPECT_EQ(request->processing.gamma, 0.8);
  EXPECT_EQ(request->processing.map, ColourMap::jet);
  ASSERT_EQ(request->processing.ranges.size(), 1U);
  EXPECT_EQ(request->processing.ranges[0].max, 4000);
  EXPECT_EQ(request->bits, 16);
  // Commands that are none of processing belong to somebody else.
  EXPECT_TRUE(parse_extended("WID=x&JTL=y&FIF=&OBJ=max-size"));
  // In the query form and in document mode.
  const auto in_query = parse({.path = "", .query = "IIIF=a/full/max/0/default.png&INV"},
                              {.protocol = Protocol::automatic, .iiif_extensions = true}, heap());
  EXPECT_TRUE(image_request(in_query)->processing.invert);
  const auto in_document = parse_document({.path = "/full/max/0/default.png", .query = "INV"},
                                          {.iiif_extensions = true}, heap());
  ASSERT_TRUE(in_document);
  EXPECT_TRUE(image_request(*in_document)->processing.invert);
  // Nothing of it touches the description.
  EXPECT_NE(
      info_request<IiifInfo>(parse({.path = "a/info.json", .query = "CNT=rubbish"},
                                   {.protocol = Protocol::iiif, .iiif_extensions = true}, heap())),
      nullptr);
}

TEST(IiifExtensions, MistakesInTheQuery) {
  for (const char* query : {"BIT=12", "BIT", "BIT=%00", "CNT=%zz", "GAM=1%00", "CNT=1%20"}) {
    const auto parsed = parse_extended(query);
    ASSERT_FALSE(parsed) << query;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed) << query;
    EXPECT_EQ(parsed.error().message.find('%'), std::string::npos);
  }
}

TEST(IiifFormats, FiveAreServed) {
  struct Case {
    const char* extension;
    Format format;
  };
  for (const Case& expected : {Case{"jpg", Format::jpeg},
                               {"png", Format::png},
                               {"webp", Format::webp},
                               {"avif", Format::avif},
                               {"tif", Format::tiff}}) {
    const auto parsed =
        parse_path("a/full/max/0/default." + std::string(expected.extension), Protocol::iiif);
    ASSERT_NE(image_request(parsed), nullptr) << expected.extension << ": " << why(parsed);
    EXPECT_EQ(image_request(parsed)->format, expected.format);
  }
  for (const char* extension : {"jpeg", "tiff", "gif", "jp2", "pdf", "TIF", "webp2", ""}) {
    EXPECT_FALSE(parse_path("a/full/max/0/default." + std::string(extension), Protocol::iiif))
        << extension;
  }
}

TEST(IiifDelimiter, PartsAPageFromTheName) {
  const auto named = [](const std::string& path, std::string_view delimiter) {
    return parse({.path = path + "/full/max/0/default.jpg", .query = ""},
                 {.protocol = Protocol::iiif, .iiif_delimiter = delimiter}, heap());
  };
  struct Case {
    const char* path;
    const char* delimiter;
    const char* image;
    std::optional<std::int64_t> page;
  };
  for (const Case& expected : {Case{"book.tif@3", "@", "book.tif", 3},
                               {"book.tif%403", "@", "book.tif", 3},
                               {"book.tif::12", "::", "book.tif", 12},
                               {"book.tif%3A%3A12", "::", "book.tif", 12},
                               {"a@1/b@2", "@", "a@1/b", 2},
                               {"a@1@2", "@", "a@1", 2},
                               {"a@007", "@", "a", 7},
                               {"book.tif@3", "", "book.tif@3", {}},
                               {"book.tif", "@", "book.tif", {}},
                               {"book.tif@", "@", "book.tif@", {}},
                               {"@3", "@", "@3", {}},
                               {"book@three", "@", "book@three", {}},
                               {"book@-1", "@", "book@-1", {}},
                               {"book@3@x", "@", "book@3@x", {}},
                               {"book@9223372036854775807", "@", "book", 9223372036854775807},
                               {"book@9223372036854775808", "@", "book@9223372036854775808", {}}}) {
    const auto parsed = named(expected.path, expected.delimiter);
    ASSERT_TRUE(parsed) << expected.path << ": " << why(parsed);
    EXPECT_EQ(parsed->image, expected.image) << expected.path;
    EXPECT_EQ(parsed->identifier, expected.path) << "a page has a URL of its own";
    ASSERT_EQ(parsed->view.has_value(), expected.page.has_value()) << expected.path;
    if (expected.page) {
      EXPECT_EQ(parsed->view->horizontal, *expected.page);
      EXPECT_EQ(parsed->view->vertical, 90);
    }
  }
}

TEST(IiifDelimiter, IsOfIiifAlone) {
  const ParseOptions options{.protocol = Protocol::automatic, .iiif_delimiter = "@"};
  EXPECT_EQ(parse({.path = "", .query = "FIF=a@3&JTL=0,0"}, options, heap())->image, "a@3");
  EXPECT_EQ(parse({.path = "a@3.dzi", .query = ""}, options, heap())->image, "a@3");
  const auto info = parse({.path = "a@3/info.json", .query = ""}, options, heap());
  EXPECT_EQ(info->image, "a");
  EXPECT_EQ(info->view, (View{3, 90}));
  const auto base = parse({.path = "", .query = "IIIF=/x/a@3"}, options, heap());
  EXPECT_EQ(base->image, "x/a");
  EXPECT_EQ(base->view, (View{3, 90}));
}

}  // namespace
}  // namespace iip
