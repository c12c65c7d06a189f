// Whatever changes the bytes of an answer changes its digest: each member of what is set, one after
// the other.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/model/processing.h"
#include "engine/model/settings.h"

namespace iip {
namespace {

template <class T>
struct Change {
  const char* name;
  std::function<void(T&)> make;
};

template <class T>
Digest digest_of(const T& value) {
  Hasher hasher;
  value.add_to(hasher);
  return hasher.digest();
}

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

// The marks are told apart by their version; nobody looks at what the pointer leads to.
Watermarking marked() {
  static const int kSomething = 0;
  Watermarking watermarking;
  watermarking.mark = reinterpret_cast<const Watermark*>(&kSomething);
  watermarking.version = {3, 4};
  watermarking.probability = 0.5;
  watermarking.opacity = 0.5;
  return watermarking;
}

TEST(SettingsDigest, EverySettingCounts) {
  using S = Settings;
  const std::vector<Change<S>> changes = {
      {"jpeg_quality", [](S& s) { s.jpeg_quality = 76; }},
      {"png_quality", [](S& s) { s.png_quality = 2; }},
      {"webp_quality", [](S& s) { s.webp_quality = 51; }},
      {"avif_quality", [](S& s) { s.avif_quality = 51; }},
      {"tiff_quality", [](S& s) { s.tiff_quality = 0; }},
      {"jpeg_optimise", [](S& s) { s.jpeg_optimise = true; }},
      {"avif_codec", [](S& s) { s.avif_codec = AvifCodec::aom; }},
      {"tiff_scheme", [](S& s) { s.tiff_scheme = TiffScheme::zstd; }},
      {"colour", [](S& s) { s.colour = ColourPolicy::srgb; }},
      {"watermarking", [](S& s) { s.watermarking = marked(); }},
      {"max_cvt", [](S& s) { s.max_cvt = 4999; }},
      {"allow_upscaling", [](S& s) { s.allow_upscaling = false; }},
      {"interpolation", [](S& s) { s.interpolation = Interpolation::lanczos; }},
      {"codec_passthrough", [](S& s) { s.codec_passthrough = false; }},
      {"max_layers", [](S& s) { s.max_layers = 1; }},
      {"max_icc", [](S& s) { s.max_icc = 1; }},
      {"copyright", [](S& s) { s.copyright = "a"; }},
      {"iiif_version", [](S& s) { s.iiif_version = 2; }},
      {"iiif_extensions", [](S& s) { s.iiif_extensions = true; }},
      {"iiif_extra_info", [](S& s) { s.iiif_extra_info = "a"; }},
  };
  expect_all_different(S(), changes);
  // These decide whether there is an answer, and are all that is left out.
  S other;
  other.max_source_pixels = 1;
  other.render_timeout = 1;
  EXPECT_EQ(digest_of(other), digest_of(S()));
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
  using W = Watermarking;
  expect_all_different<W>(marked(), {{"none", [](W& w) { w.mark = nullptr; }},
                                     {"high", [](W& w) { w.version.high = 5; }},
                                     {"low", [](W& w) { w.version.low = 5; }},
                                     {"probability", [](W& w) { w.probability = 0.25; }},
                                     {"opacity", [](W& w) { w.opacity = 0.25; }}});
}

TEST(SettingsDigest, EveryPartOfAnEncodingCounts) {
  using E = Encoding;
  Encoding tiff;
  tiff.format = Format::tiff;
  expect_all_different<E>(tiff, {{"quality", [](E& e) { e.quality = 1; }},
                                 {"scheme", [](E& e) { e.tiff_scheme = TiffScheme::lzw; }},
                                 {"bits", [](E& e) { e.bits = 16; }}});
  Encoding jpeg;
  expect_all_different<E>(jpeg, {{"png", [](E& e) { e.format = Format::png; }},
                                 {"webp", [](E& e) { e.format = Format::webp; }},
                                 {"avif", [](E& e) { e.format = Format::avif; }},
                                 {"optimise", [](E& e) { e.optimise = true; }}});
  Encoding avif;
  avif.format = Format::avif;
  expect_all_different<E>(avif, {{"codec", [](E& e) { e.avif_codec = AvifCodec::svt; }}});
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
