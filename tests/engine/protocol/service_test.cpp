// Service mode: which protocol is meant, and where the image's name stands.
#include <string>

#include "parsing.h"

namespace iip {
namespace {

Result<Parsed> parse_both(std::string_view path, std::string_view query,
                          Protocol protocol = Protocol::automatic) {
  return parse({.path = path, .query = query, .accept = ""}, {.protocol = protocol}, heap());
}

TEST(ServiceByQuery, EachProtocolInAnyLetters) {
  struct Case {
    const char* query;
    Protocol protocol;
    const char* image;
    const char* identifier;
  };
  for (const Case& expected :
       {Case{"FIF=/p/a.tif&JTL=0,0", Protocol::iip, "p/a.tif", "/p/a.tif"},
        {"fif=a.tif&jtl=0,0", Protocol::iip, "a.tif", "a.tif"},
        {"WID=1&FIF=a.tif&CVT=jpeg", Protocol::iip, "a.tif", "a.tif"},
        {"IIIF=/p/a.tif/info.json", Protocol::iiif, "p/a.tif", "/p/a.tif"},
        {"iiif=p%2Fa.tif/full/max/0/default.jpg", Protocol::iiif, "p/a.tif", "p%2Fa.tif"},
        {"IIIF=a+b.tif/info.json", Protocol::iiif, "a b.tif", "a+b.tif"},
        {"IIIF=a.tif", Protocol::iiif, "a.tif", "a.tif"},
        {"IIIF=a.tif/full/max/0/default.jpg&v=1", Protocol::iiif, "a.tif", "a.tif"},
        {"v=1&IIIF=a.tif/full/max/0/default.jpg", Protocol::iiif, "a.tif", "a.tif"},
        {"DeepZoom=/p/a.tif.dzi", Protocol::deepzoom, "p/a.tif", "/p/a.tif"},
        {"deepzoom=%2Fp%2Fa.tif.dzi", Protocol::deepzoom, "p/a.tif", "%2Fp%2Fa.tif"},
        {"DEEPZOOM=/p/a.tif_files/3/1_2.jpg", Protocol::deepzoom, "p/a.tif", "/p/a.tif"},
        {"Zoomify=/p/a.tif/ImageProperties.xml", Protocol::zoomify, "p/a.tif", "/p/a.tif"},
        {"zoomify=/p/a.tif/TileGroup0/1-2-3.jpg", Protocol::zoomify, "p/a.tif", "/p/a.tif"},
        {"FIF=&IIIF=a.tif/info.json", Protocol::iiif, "a.tif", "a.tif"}}) {
    for (const char* path : {"", "other/path.dzi"}) {
      const auto parsed = parse_both(path, expected.query);
      ASSERT_TRUE(parsed) << expected.query << ": " << why(parsed);
      EXPECT_EQ(parsed->protocol, expected.protocol) << expected.query;
      EXPECT_EQ(parsed->image, expected.image) << expected.query;
      EXPECT_EQ(parsed->identifier, expected.identifier) << expected.query;
      EXPECT_FALSE(parsed->in_path) << expected.query;
      EXPECT_EQ(parsed->varies_on_accept, expected.protocol == Protocol::iiif);
    }
  }
}

TEST(ServiceByPath, ANameAloneIsTheBaseUriOfIiif) {
  for (const char* path : {"a.tif", "dir/a.tif", "a/b/c/d/e/f.tif"}) {
    const auto parsed = parse_both(path, "v=1");
    ASSERT_TRUE(parsed) << path << ": " << why(parsed);
    EXPECT_EQ(parsed->image, path);
    EXPECT_NE(info_request<IiifBase>(parsed), nullptr) << path;
  }
  for (const char* path : {"", "/"}) {
    const auto parsed = parse_both(path, "");
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed);
    EXPECT_THAT(parsed.error().message, testing::HasSubstr("no image"));
  }
}

TEST(ServiceByPath, SurestMarkWins) {
  EXPECT_EQ(parse_both("my_files/a.tif/info.json", "")->protocol, Protocol::iiif);
  EXPECT_EQ(parse_both("TileGroup0/info.json", "")->protocol, Protocol::iiif);
  EXPECT_EQ(parse_both("full/a_files/0/0_0.jpg", "")->protocol, Protocol::deepzoom);
  EXPECT_EQ(parse_both("full/max/TileGroup0/0-0-0.jpg", "")->protocol, Protocol::zoomify);
  EXPECT_EQ(parse_both("a.dzi/full/max/0/default.jpg", "")->protocol, Protocol::iiif);
  EXPECT_EQ(parse_both("my_files/b/a.dzi", "")->image, "my_files/b/a");
  EXPECT_EQ(parse_both("a/ImageProperties.xml", "")->protocol, Protocol::zoomify);
  EXPECT_EQ(parse_both("a/properties.xml", "")->protocol, Protocol::deepzoom);
}

TEST(ServiceFixed, PathOfIip) {
  const auto parsed = parse_both("dir/a+b%2Fc.tif", "WID=5&CVT=jpeg", Protocol::iip);
  ASSERT_NE(image_request(parsed), nullptr) << why(parsed);
  EXPECT_EQ(parsed->image, "dir/a+b/c.tif");
  EXPECT_EQ(parsed->identifier, "dir/a+b%2Fc.tif");
  EXPECT_TRUE(parsed->in_path);
  EXPECT_EQ(image_request(parsed)->size.width, 5u);
  EXPECT_FALSE(parse_both("a.tif", "", Protocol::iip));
  EXPECT_FALSE(parse_both("a.tif", "FIF=b.tif&CVT=jpeg", Protocol::iip));
  EXPECT_FALSE(parse_both("", "", Protocol::iip));
}

TEST(ServiceFixed, QueryFormWithoutPath) {
  EXPECT_EQ(parse_both("", "FIF=a&JTL=0,0", Protocol::iip)->image, "a");
  EXPECT_EQ(parse_both("", "IIIF=a/info.json", Protocol::iiif)->image, "a");
  EXPECT_EQ(parse_both("", "DeepZoom=a.dzi", Protocol::deepzoom)->image, "a");
  EXPECT_EQ(parse_both("", "Zoomify=a/ImageProperties.xml", Protocol::zoomify)->image, "a");
  // That of another protocol is not.
  EXPECT_FALSE(parse_both("", "FIF=a&JTL=0,0", Protocol::iiif));
  EXPECT_FALSE(parse_both("", "IIIF=a/info.json", Protocol::deepzoom));
  EXPECT_FALSE(parse_both("", "IIIF=a/info.json", Protocol::iip));
  // A path goes before it.
  const auto parsed = parse_both("b/info.json", "IIIF=a/info.json", Protocol::iiif);
  EXPECT_EQ(parsed->image, "b");
  EXPECT_TRUE(parsed->in_path);
}

// The results live in the memory given, whatever they hold.
TEST(ServiceMemory, IsTheOneGiven) {
  std::pmr::monotonic_buffer_resource given(heap());
  const std::string id(200, 'x');
  std::pmr::set_default_resource(std::pmr::null_memory_resource());
  bool all = true;
  for (const std::string& path : {id + "/info.json", id + "/full/max/0/default.jpg", id + ".dzi"}) {
    const auto parsed = parse({.path = path, .query = "", .accept = ""}, {}, &given);
    all = all && parsed && std::string_view(parsed->image) == id &&
          parsed->image.get_allocator().resource() == &given &&
          parsed->identifier.get_allocator().resource() == &given;
  }
  const std::string query = "FIF=" + id + "&OBJ=" + id + "&OBJ=" + id + "&OBJ=" + id;
  const auto objects = parse({.path = "", .query = query, .accept = ""}, {}, &given);
  const auto* answer = info_request<IipObjects>(objects);
  all = all && answer != nullptr && answer->objects.size() == 3 &&
        answer->objects.get_allocator().resource() == &given;
  if (answer != nullptr) {
    for (const IipObject& object : answer->objects) {
      all = all && object.name.get_allocator().resource() == &given;
    }
  }
  std::pmr::set_default_resource(nullptr);
  EXPECT_TRUE(all);
}

}  // namespace
}  // namespace iip
