#include "engine/protocol/negotiate.h"

#include <gtest/gtest.h>

namespace iip {
namespace {

TEST(NegotiateVersion, ByContext) {
  struct Case {
    const char* accept;
    int preferred;
    int version;
  };
  const Case cases[] = {
      {"", 3, 3},
      {"", 2, 2},
      {"*/*", 2, 2},
      {"application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\"", 2, 3},
      {"application/ld+json;profile=\"http://iiif.io/api/image/2/context.json\"", 3, 2},
      {"application/ld+json;profile=http://iiif.io/api/image/2/context.json", 3, 2},
      {"text/html, application/ld+json; profile=\"http://iiif.io/api/image/2/context.json\"", 3, 2},
      {"application/ld+json;profile=\"http://iiif.io/api/image/1/context.json\"", 3, 3},
      {"application/ld+json;profile=\"http://iiif.io/api/image/9/context.json\"", 2, 2},
      {"application/ld+json;profile=\"http://iiif.io/api/image/22/context.json\"", 3, 3},
      {"application/ld+json;profile=\"http://iiif.io/api/image", 3, 3},
      // The higher q wins; alike, what is set wins.
      {"a/b;profile=\"http://iiif.io/api/image/2/context.json\";q=0.5,"
       "a/b;profile=\"http://iiif.io/api/image/3/context.json\";q=0.9",
       2, 3},
      {"a/b;profile=\"http://iiif.io/api/image/2/context.json\","
       "a/b;profile=\"http://iiif.io/api/image/3/context.json\"",
       3, 3},
      {"a/b;profile=\"http://iiif.io/api/image/3/context.json\","
       "a/b;profile=\"http://iiif.io/api/image/2/context.json\"",
       2, 2},
      {"a/b;profile=\"http://iiif.io/api/image/3/context.json\","
       "a/b;profile=\"http://iiif.io/api/image/2/context.json\"",
       3, 3},
      {"a/b;profile=\"http://iiif.io/api/image/2/context.json\";q=0.9,"
       "a/b;profile=\"http://iiif.io/api/image/3/context.json\";q=0.5",
       3, 2},
      {"a/b;profile=\"http://iiif.io/api/image/2/context.json\";q=0", 3, 3},
  };
  for (const Case& expected : cases) {
    EXPECT_EQ(negotiate_iiif_version(expected.accept, expected.preferred), expected.version)
        << expected.accept;
  }
}

TEST(NegotiateInfo, Version2IsPlainJsonUnlessAskedOtherwise) {
  struct Case {
    const char* accept;
    bool json_ld;
  };
  for (const Case& expected : {Case{"", false},
                               {"*/*", false},
                               {"application/*", false},
                               {"application/json", false},
                               {"text/html", false},
                               {"application/ld+json", true},
                               {"Application/LD+JSON", true},
                               {"application/json, application/ld+json", true},
                               {"application/ld+json;q=0.5, application/json;q=0.9", false},
                               {"application/ld+json;q=0.9, application/json;q=0.5", true},
                               {"application/ld+json;q=0, */*", false},
                               {"application/ld+json;q=junk", false}}) {
    const IiifInfo info = negotiate_iiif_info(expected.accept, 2);
    EXPECT_EQ(info.version, 2);
    EXPECT_EQ(info.json_ld, expected.json_ld) << expected.accept;
    EXPECT_FALSE(info.with_profile) << expected.accept;
  }
}

TEST(NegotiateInfo, Version3IsJsonLdUnlessPlainJsonIsPreferred) {
  struct Case {
    const char* accept;
    bool json_ld;
  };
  for (const Case& expected :
       {Case{"", true},
        {"*/*", true},
        {"application/*", true},
        {"application/ld+json", true},
        {"application/ld+json;profile=\"http://iiif.io/api/image/3/context.json\"", true},
        {"application/json", false},
        {"application/json;charset=utf-8", false},
        {"application/json, text/plain, */*", false},
        {"application/json, application/ld+json", true},
        {"application/json;q=0.9, application/ld+json;q=0.8", false},
        {"application/json;q=0.8, application/ld+json;q=0.9", true},
        {"application/json;q=0.5, */*", true},
        {"application/json;q=0.2, application/ld+json;q=0.5, application/json;q=0.9", false},
        {"application/ld+json;q=0, */*;q=0.1", false},
        {"application/json;q=0", true},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true},
        {"image/png", true},
        {"application/json ; q = 0.2 , application/ld+json ; q = 0.1", false},
        {"text/plain;note=\"a, application/json\", application/ld+json", true},
        {"text/plain;note=\"\\\", application/json\"", true},
        {",,,;;q=\"", true},
        {"\"\\", true},
        {"application/json;q=2", true},
        {"application/json;q=-1", true},
        {"application/json;q=nan", true}}) {
    const IiifInfo info = negotiate_iiif_info(expected.accept, 3);
    EXPECT_EQ(info.version, 3);
    EXPECT_EQ(info.json_ld, expected.json_ld) << expected.accept;
    EXPECT_EQ(info.with_profile, expected.json_ld) << expected.accept;
  }
}

}  // namespace
}  // namespace iip
