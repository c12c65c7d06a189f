// What answers are called: their ETags, the same on all machines of a cluster, and their keys in
// the memory that the processes of one host share, which nobody can work out.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/service/prepare.h"
#include "engine/service/private_host.h"
#include "pyramids.h"

namespace iip {
namespace {

// The start of an ICC profile for RGB.
Bytes rgb_profile() {
  ByteVector bytes(500);
  constexpr std::string_view kSpace = "RGB ";
  std::copy(kSpace.begin(), kSpace.end(), bytes.begin() + 16);
  return Bytes(std::move(bytes));
}

ImageRequest picture(Format format) {
  ImageRequest request;
  request.region = PixelRegion{1, 2, 900, 600};
  request.size = {SizeRequest::Form::width,      300, 0, 100, SizeRequest::Enlarging::silent,
                  SizeRequest::OverLimit::shrunk};
  request.format = format;
  return request;
}

ImageRequest enlarged() {
  ImageRequest request = picture(Format::jpeg);
  request.size.width = 2000;
  return request;
}

ImageRequest native_tile() {
  ImageRequest request;
  request.region = NativeTile{2, 1};
  return request;
}

class AnswerNames : public ::testing::Test {
 protected:
  AnswerNames() {
    info.icc_profile = rgb_profile();
    info.layers = 5;
  }

  Digest etag(const Request& request) {
    const auto prepared = prepare_answer(request, info, nullptr, settings, context);
    EXPECT_TRUE(prepared.has_value()) << prepared.error().message;
    return prepared ? prepared->head.etag : Digest{};
  }

  const std::map<std::string, Request> requests = {
      {"jpeg", picture(Format::jpeg)},   {"png", picture(Format::png)},
      {"webp", picture(Format::webp)},   {"avif", picture(Format::avif)},
      {"tiff", picture(Format::tiff)},   {"enlarged", enlarged()},
      {"tile", native_tile()},           {"TIL", TileBlockRequest{2, 0, 1}},
      {"info", InfoRequest{IiifInfo{}}},
  };
  Settings settings;
  ImageInfo info = test::pyramid({1000, 701}, {256, 256}, test::Halving::down);
  NoLog log;
  ServiceContext context{std::pmr::get_default_resource(), log, "http://example.org/image",
                         "image.tif"};
};

// The answers whose bytes each setting changes; others may be called otherwise too.
struct Effect {
  const char* setting;
  std::function<void(Settings&)> make;
  std::set<std::string> on;
};

TEST_F(AnswerNames, WhateverChangesAnAnswerChangesItsName) {
  using S = Settings;
  const std::set<std::string> pictures = {"jpeg", "png", "webp", "avif", "tiff", "enlarged"};
  const auto with = [&](std::set<std::string> more) {
    more.insert(pictures.begin(), pictures.end());
    return more;
  };
  static const int kSomething = 0;
  const std::vector<Effect> effects = {
      {"jpeg_quality", [](S& s) { s.jpeg_quality = 76; }, {"jpeg", "enlarged", "tile", "TIL"}},
      {"png_quality", [](S& s) { s.png_quality = 2; }, {"png"}},
      {"webp_quality", [](S& s) { s.webp_quality = 51; }, {"webp"}},
      {"avif_quality", [](S& s) { s.avif_quality = 51; }, {"avif"}},
      {"tiff_quality", [](S& s) { s.tiff_quality = 9; }, {"tiff"}},
      {"jpeg_optimise", [](S& s) { s.jpeg_optimise = true; }, {"jpeg", "tile", "TIL"}},
      {"avif_codec", [](S& s) { s.avif_codec = AvifCodec::aom; }, {"avif"}},
      {"tiff_scheme", [](S& s) { s.tiff_scheme = TiffScheme::lzw; }, {"tiff"}},
      {"colour", [](S& s) { s.colour = ColourPolicy::srgb; }, with({"tile", "TIL"})},
      {"watermarking",
       [](S& s) { s.watermarking.mark = reinterpret_cast<const Watermark*>(&kSomething); },
       with({"tile", "TIL"})},
      {"max_cvt", [](S& s) { s.max_cvt = 250; }, with({"info"})},
      {"allow_upscaling", [](S& s) { s.allow_upscaling = false; }, {"enlarged", "info"}},
      {"interpolation", [](S& s) { s.interpolation = Interpolation::nearest; }, pictures},
      {"codec_passthrough", [](S& s) { s.codec_passthrough = false; }, {"tile", "TIL"}},
      {"max_layers", [](S& s) { s.max_layers = 1; }, with({"tile", "TIL"})},
      {"max_icc", [](S& s) { s.max_icc = 1; }, with({"tile", "TIL"})},
      {"copyright", [](S& s) { s.copyright = "somebody's"; }, with({"info"})},
      {"iiif_version", [](S& s) { s.iiif_version = 2; }, {}},  // of the request
      {"iiif_extensions", [](S& s) { s.iiif_extensions = true; }, {"info"}},
      {"iiif_extra_info", [](S& s) { s.iiif_extra_info = "\"a\":1"; }, {"info"}},
  };
  // As many as there are, without the two that decide whether there is an answer.
  const auto& [s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15, s16, s17, s18, s19,
               s20, max_source_pixels, render_timeout] = settings;
  static_cast<void>(s1);
  EXPECT_EQ(effects.size(), 20U);
  for (const auto& [name, make, on] : effects) {
    settings = {};
    std::map<std::string, Digest> before;
    for (const auto& [what, request] : requests) before[what] = etag(request);
    make(settings);
    for (const std::string& what : on)
      EXPECT_NE(etag(requests.at(what)), before[what]) << name << " on " << what;
  }
}

TEST_F(AnswerNames, DifferentQuestionsHaveDifferentNames) {
  std::map<std::string, std::string> known;
  for (const auto& [what, request] : requests) {
    const auto hex = etag(request).hex();
    const auto [other, is_new] = known.emplace(std::string(hex.begin(), hex.end()), what);
    EXPECT_TRUE(is_new) << what << " and " << other->second;
  }
}

TEST_F(AnswerNames, MachinesOfAClusterAgreeAndOthersDoNot) {
  const HashKey one = derive_key("the secret of the cluster", "mod_iip ETag");
  const HashKey same = derive_key("the secret of the cluster", "mod_iip ETag");
  const HashKey other = derive_key("the secret of another", "mod_iip ETag");
  const InfoRequest text{DeepZoomDescriptor{}};
  for (const Request& request : {requests.at("jpeg"), requests.at("info"), Request(text)}) {
    context.cluster_key = nullptr;
    const Digest without = etag(request);
    context.cluster_key = &one;
    const Digest with = etag(request);
    EXPECT_NE(with, without);
    context.cluster_key = &same;
    EXPECT_EQ(etag(request), with);
    context.cluster_key = &other;
    EXPECT_NE(etag(request), with);
  }
}

// ---- Keys of the shared memory ----

TEST(HostSecret, EachBlockHasItsOwnAndKeepsIt) {
  const HostLayout layout{.cache_bytes = 0, .clients = 2};
  auto one = PrivateHost::create(layout);
  auto other = PrivateHost::create(layout);
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->state().secret(), HashKey{});
  EXPECT_NE(one->state().secret(), other->state().secret());
  const SharedBlock block = SharedBlock::create(HostState::block_size(layout)).value();
  const auto made = HostState::create(block.span(), layout);
  const auto joined = HostState::attach(block.span(), layout);
  ASSERT_TRUE(made && joined);
  EXPECT_EQ(joined->secret(), made->secret());
}

}  // namespace
}  // namespace iip
