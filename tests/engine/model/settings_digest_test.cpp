// Whatever changes the bytes of an answer changes its digest: each member of what is set, one after
// the other.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "support/settings_members.h"

namespace iip {
namespace {

template <class T>
struct Change {
  const char* name;
  std::function<void(T&)> make;
};

// All of the changes give digests that differ from that of `base` and from each other.
template <class T>
void expect_all_different(const T& base, const std::vector<Change<T>>& changes) {
  std::vector<std::pair<std::string, Digest>> known{{"nothing", digest_of(base)}};
  for (const auto& [name, make] : changes) {
    T changed = base;
    make(changed);
    const Digest digest = digest_of(changed);
    for (const auto& [other, its] : known) EXPECT_NE(digest, its) << name << " and " << other;
    known.emplace_back(name, digest);
  }
}

TEST(SettingsDigest, EverySettingCounts) {
  Settings settings;
  settings.tiff_quality = 5;
  settings.watermarking = some_watermarking();
  // These decide whether there is an answer, and are all that is left out.
  expect_each_change_in_digest(settings, {&settings.max_source_pixels, &settings.render_timeout});
}

TEST(SettingsDigest, TextsDoNotRunIntoEachOther) {
  Settings one;
  one.copyright = "ab";
  one.iiif_extra_info = "c";
  Settings other;
  other.copyright = "a";
  other.iiif_extra_info = "bc";
  EXPECT_NE(digest_of(one), digest_of(other));
}

TEST(SettingsDigest, EveryPartOfAWatermarkCounts) {
  Watermarking watermarking = some_watermarking();
  expect_each_change_in_digest(watermarking);
}

// What does not matter to the format is left out.
TEST(SettingsDigest, EveryPartOfAnEncodingCounts) {
  Encoding encoding;
  expect_each_change_in_digest(encoding, {&encoding.tiff_scheme, &encoding.avif_codec});
  encoding.format = Format::tiff;
  expect_each_change_in_digest(encoding, {&encoding.avif_codec, &encoding.optimise});
  encoding.format = Format::avif;
  expect_each_change_in_digest(encoding, {&encoding.tiff_scheme, &encoding.optimise});
  for (const Format format : {Format::png, Format::webp}) {
    encoding.format = format;
    expect_each_change_in_digest(encoding,
                                 {&encoding.tiff_scheme, &encoding.avif_codec, &encoding.optimise});
  }
}

TEST(SettingsDigest, EveryMemberOfTheProcessingCounts) {
  Processing processing = some_processing();
  expect_each_change_in_digest(processing);
  Processing neutral;
  expect_each_change_in_digest(neutral);
}

TEST(SettingsDigest, EveryPartOfTheProcessingCounts) {
  using P = Processing;
  const std::vector<Change<P>> changes = {
      {"a range",
       [](P& p) {
         p.ranges = {{std::nullopt, 0, 1}};
       }},
      {"its channel",
       [](P& p) {
         p.ranges = {{0, 0, 1}};
       }},
      {"a channel that is none",
       [](P& p) {
         p.ranges = {{-1, 0, 1}};
       }},
      {"its least value",
       [](P& p) {
         p.ranges = {{0, 0.5, 1}};
       }},
      {"its largest value",
       [](P& p) {
         p.ranges = {{0, 0, 2}};
       }},
      {"two ranges",
       [](P& p) {
         p.ranges = {{0, 0, 1}, {1, 0, 1}};
       }},
      {"spread", [](P& p) { p.spread = Spread::stretch; }},
      {"hillshade", [](P& p) { p.hillshade = Hillshade{}; }},
      {"azimuth",
       [](P& p) {
         p.hillshade = Hillshade{1, 0};
       }},
      {"elevation",
       [](P& p) {
         p.hillshade = Hillshade{0, 1};
       }},
      {"twist", [](P& p) { p.twist = {{1}}; }},
      {"a longer row",
       [](P& p) {
         p.twist = {{1, 1}};
       }},
      {"another row",
       [](P& p) {
         p.twist = {{1}, {1}};
       }},
      {"gamma", [](P& p) { p.gamma = 2; }},
      {"logarithm", [](P& p) { p.logarithm = true; }},
      {"invert", [](P& p) { p.invert = true; }},
      {"map", [](P& p) { p.map = ColourMap::jet; }},
      {"kernel", [](P& p) { p.kernel = Kernel{}; }},
      {"its side",
       [](P& p) {
         p.kernel = Kernel{3, {}};
       }},
      {"its last weight", [](P& p) { (p.kernel = Kernel{})->weights[24] = 1; }},
      {"contrast", [](P& p) { p.contrast = 2; }},
  };
  expect_all_different(P(), changes);
}

}  // namespace
}  // namespace iip
