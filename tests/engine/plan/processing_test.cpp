// Processing in a plan: requests that mean the same are the same, and what it costs the picture.
#include "engine/plan/processing.h"

#include <gtest/gtest.h>

#include "engine/plan/plan.h"
#include "pyramids.h"

namespace iip {
namespace {

Digest digest_of(const Processing& processing) {
  Hasher hasher;
  processing.add_to(hasher);
  return hasher.digest();
}

Bytes profile_for(const char* space) {
  ByteVector bytes(500);
  std::copy(space, space + 4, bytes.begin() + 16);
  return Bytes(std::move(bytes));
}

class PlanProcessing : public ::testing::Test {
 protected:
  // A picture of 16 bits and `channels` grey or RGB channels.
  void make_deep(SampleType type, ColourModel model, std::vector<SampleRange> ranges) {
    info.format = {type, model};
    info.format.extra = static_cast<int>(ranges.size()) - colours_of(model);
    info.stored_bits = type == SampleType::u16 ? 16 : 32;
    info.ranges = std::move(ranges);
  }
  Plan plan(const ImageRequest& request) {
    auto made = make_plan(request, info, settings);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made ? *made : Plan{};
  }
  Digest digest(const ImageRequest& request) {
    Hasher hasher;
    plan(request).add_to(hasher);
    return hasher.digest();
  }
  ImageRequest tile(const Processing& processing = {}) {
    ImageRequest request;
    request.region = NativeTile{2, 1};
    request.processing = processing;
    return request;
  }
  static Processing with_ranges(std::vector<ChannelRange> ranges) {
    Processing processing;
    processing.ranges = std::move(ranges);
    return processing;
  }
  bool is_neutral(const Processing& processing) {
    return canonical_processing(processing, info).is_neutral();
  }

  Settings settings;
  ImageInfo info = test::pyramid({1000, 701}, {256, 256}, test::Halving::down);
};

TEST_F(PlanProcessing, TheWholeRangeOf8BitsChangesNothing) {
  EXPECT_TRUE(is_neutral(with_ranges({{{}, 0, 255}})));
  EXPECT_TRUE(is_neutral(with_ranges({{0, 0, 255}, {2, 0, 255}})));
  EXPECT_TRUE(is_neutral(with_ranges({{0, 5, 9}, {{}, 0, 255}}))) << "the later holds";
  EXPECT_TRUE(is_neutral(with_ranges({{3, 5, 9}}))) << "there is no fourth channel";
  EXPECT_FALSE(is_neutral(with_ranges({{{}, 0, 255}, {1, 5, 9}})));
  EXPECT_FALSE(is_neutral(with_ranges({{0, 255, 0}})));
  EXPECT_TRUE(plan(tile(with_ranges({{{}, 0, 255}}))).passthrough);
}

// Samples of 8 bits are shown as they are, whatever range the file states; asked for, it matters.
TEST_F(PlanProcessing, AStatedRangeOf8BitsMattersWhenItIsAskedFor) {
  info.ranges = {{10, 200}, {10, 200}, {10, 200}};
  EXPECT_FALSE(is_neutral(with_ranges({{{}, 10, 200}})));
  EXPECT_FALSE(is_neutral(with_ranges({{{}, 0, 255}})));
  Processing gamma;
  gamma.gamma = 2;
  Processing both = with_ranges({{{}, 10, 200}});
  both.gamma = 2;
  EXPECT_EQ(digest(tile(both)), digest(tile(gamma))) << "processing goes by that range anyhow";
}

TEST_F(PlanProcessing, TheOwnRangeOfDeeperSamplesChangesNothing) {
  make_deep(SampleType::u16, ColourModel::grey, {{100, 4000}});
  EXPECT_TRUE(is_neutral(with_ranges({{0, 100, 4000}})));
  EXPECT_FALSE(is_neutral(with_ranges({{0, 0, 65535}})));
  Processing stretched = with_ranges({{0, 100, 4000}});
  stretched.spread = Spread::stretch;
  EXPECT_EQ(canonical_processing(stretched, info).ranges.size(), 1U)
      << "it takes the place of the stretched one";
  stretched.spread = Spread::equalise;
  EXPECT_TRUE(canonical_processing(stretched, info).ranges.empty()) << "it does not matter";
}

TEST_F(PlanProcessing, RangesAreByChannel) {
  const Processing made = canonical_processing(
      with_ranges({{2, 7, 8}, {{}, 1, 2}, {0, 3, 4}, {0, 5, 6}, {9, 1, 1}}), info);
  ASSERT_EQ(made.ranges.size(), 3U);
  EXPECT_EQ(made.ranges[0].channel, 0);
  EXPECT_EQ(made.ranges[0].min, 5);
  EXPECT_EQ(made.ranges[1].channel, 1);
  EXPECT_EQ(made.ranges[1].max, 2);
  EXPECT_EQ(made.ranges[2].channel, 2);
  EXPECT_EQ(made.ranges[2].min, 1);
  EXPECT_EQ(digest(tile(with_ranges({{{}, 1, 2}}))),
            digest(tile(with_ranges({{0, 1, 2}, {1, 1, 2}, {2, 1, 2}}))));
}

TEST_F(PlanProcessing, TwistsThatMeanTheSame) {
  Processing twisted;
  twisted.twist = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  EXPECT_TRUE(is_neutral(twisted));
  twisted.twist = {{1}, {0, 1}, {0, 0, 1, 7, 8}};
  EXPECT_TRUE(is_neutral(twisted)) << "there is no fourth channel";
  twisted.twist = {{1}, {0, 1}};
  EXPECT_FALSE(is_neutral(twisted)) << "a channel fewer";
  twisted.twist = {{1}, {0, 1}, {0, 0, 0.5F}};
  EXPECT_FALSE(is_neutral(twisted));
  twisted.twist = {{0, 1}, {1}, {0, 0, 1}};
  EXPECT_FALSE(is_neutral(twisted));
  Processing longer = twisted;
  longer.twist = {{0, 1, 0, 0}, {1, 0}, {0, 0, 1}};
  EXPECT_EQ(digest(tile(longer)), digest(tile(twisted)));
}

TEST_F(PlanProcessing, AKernelOfOneWeightChangesNothing) {
  Processing processing;
  processing.kernel = Kernel{1, {3}};
  EXPECT_TRUE(is_neutral(processing));
  processing.kernel = Kernel{1, {-1}};
  EXPECT_FALSE(is_neutral(processing));
  processing.kernel = Kernel{3, {0, 0, 0, 0, 1}};
  EXPECT_FALSE(is_neutral(processing));
}

TEST_F(PlanProcessing, WhatChangesPixelsHasNoPassthrough) {
  EXPECT_TRUE(plan(tile()).passthrough);
  const auto changed = [&](auto change) {
    Processing processing;
    change(processing);
    const Plan made = plan(tile(processing));
    EXPECT_NE(digest(tile(processing)), digest(tile()));
    return !made.passthrough && !made.processing.is_neutral();
  };
  EXPECT_TRUE(changed([](Processing& p) { p.contrast = 1.5; }));
  EXPECT_TRUE(changed([](Processing& p) { p.gamma = 0.5; }));
  EXPECT_TRUE(changed([](Processing& p) { p.logarithm = true; }));
  EXPECT_TRUE(changed([](Processing& p) { p.invert = true; }));
  EXPECT_TRUE(changed([](Processing& p) { p.spread = Spread::stretch; }));
  EXPECT_TRUE(changed([](Processing& p) { p.spread = Spread::equalise; }));
  EXPECT_TRUE(changed([](Processing& p) { p.map = ColourMap::jet; }));
  EXPECT_TRUE(changed([](Processing& p) { p.hillshade = Hillshade{1, 2}; }));
  EXPECT_TRUE(changed([](Processing& p) { p.twist = {{1}}; }));
  EXPECT_TRUE(changed([](Processing& p) { p.ranges = {{0, 1, 2}}; }));
  EXPECT_TRUE(changed([](Processing& p) { p.kernel = Kernel{3, {1}}; }));
}

TEST_F(PlanProcessing, EveryNumberIsPartOfTheDigest) {
  const auto with = [&](auto change) {
    Processing p;
    p.ranges = {{0, 1, 2}};
    p.hillshade = Hillshade{1, 2};
    p.twist = {{1, 2}, {3}};
    p.gamma = 2;
    p.kernel = Kernel{3, {1, 2}};
    p.contrast = 3;
    change(p);
    return digest_of(p);
  };
  const Digest base = with([](Processing&) {});
  EXPECT_NE(with([](Processing& p) { p.ranges[0].channel = 1; }), base);
  EXPECT_NE(with([](Processing& p) { p.ranges[0].min = 0; }), base);
  EXPECT_NE(with([](Processing& p) { p.ranges[0].max = 3; }), base);
  EXPECT_NE(with([](Processing& p) { p.hillshade->azimuth = 0; }), base);
  EXPECT_NE(with([](Processing& p) { p.hillshade->elevation = 0; }), base);
  EXPECT_NE(with([](Processing& p) { p.twist = {{1}, {2, 3}}; }), base);
  EXPECT_NE(with([](Processing& p) { p.gamma = 2.0000001; }), base);
  EXPECT_NE(with([](Processing& p) { p.kernel->weights[8] = 1; }), base);
  EXPECT_NE(with([](Processing& p) { p.kernel->side = 5; }), base);
  EXPECT_NE(with([](Processing& p) { p.contrast = 3.1; }), base);
}

// ---- Colours ----

TEST_F(PlanProcessing, GreyOfWhatIsGreyIsTheSame) {
  const auto colouring = [&](auto change) {
    ImageRequest request = tile();
    request.colouring = Colouring::grey;
    change(request.processing);
    return plan(request).colouring;
  };
  EXPECT_EQ(colouring([](Processing&) {}), Colouring::grey);
  EXPECT_EQ(colouring([](Processing& p) { p.hillshade = Hillshade{}; }), Colouring::as_is);
  EXPECT_EQ(colouring([](Processing& p) { p.twist = {{1}}; }), Colouring::as_is);
  EXPECT_EQ(colouring([](Processing& p) { p.twist = {{1}, {1}, {1}}; }), Colouring::grey);
  info.format.model = ColourModel::grey;
  info.ranges.resize(1);
  EXPECT_EQ(colouring([](Processing&) {}), Colouring::as_is);
  EXPECT_EQ(colouring([](Processing& p) { p.gamma = 2; }), Colouring::as_is);
  EXPECT_EQ(colouring([](Processing& p) { p.map = ColourMap::hot; }), Colouring::grey);
  EXPECT_EQ(colouring([](Processing& p) { p.twist = {{1}, {1}, {1}}; }), Colouring::grey);
  // Bands: the first three are shown as colours.
  info.format.extra = 4;
  EXPECT_EQ(colouring([](Processing&) {}), Colouring::grey);
  info.format.extra = 1;
  EXPECT_EQ(colouring([](Processing&) {}), Colouring::as_is);
}

TEST_F(PlanProcessing, OtherColoursHaveNoProfile) {
  info.icc_profile = profile_for("RGB ");
  const auto embeds = [&](auto change) {
    Processing processing;
    change(processing);
    return plan(tile(processing)).embed_icc;
  };
  EXPECT_TRUE(embeds([](Processing&) {}));
  EXPECT_TRUE(embeds([](Processing& p) { p.gamma = 2; }));
  EXPECT_TRUE(embeds([](Processing& p) { p.contrast = 2; }));
  EXPECT_FALSE(embeds([](Processing& p) { p.map = ColourMap::jet; }));
  EXPECT_FALSE(embeds([](Processing& p) { p.hillshade = Hillshade{}; }));
  EXPECT_FALSE(embeds([](Processing& p) { p.twist = {{0, 1}, {1}, {1}}; }));
  info.format.model = ColourModel::lab;
  EXPECT_FALSE(embeds([](Processing&) {})) << "it is converted";
}

TEST_F(PlanProcessing, ConvertedColoursHaveNeitherProfileNorPassthrough) {
  settings.colour = ColourPolicy::srgb;
  EXPECT_EQ(plan(tile()).colour, ColourPolicy::keep) << "there is nothing to convert by";
  EXPECT_TRUE(plan(tile()).passthrough);
  info.icc_profile = profile_for("RGB ");
  const Plan converted = plan(tile());
  EXPECT_EQ(converted.colour, ColourPolicy::srgb);
  EXPECT_FALSE(converted.passthrough);
  EXPECT_FALSE(converted.embed_icc);
  const Digest digest_of_converted = digest(tile());
  settings.colour = ColourPolicy::keep;
  EXPECT_TRUE(plan(tile()).embed_icc);
  EXPECT_NE(digest(tile()), digest_of_converted);
}

// ---- Depth and encoding ----

TEST_F(PlanProcessing, BitsAreThoseThatFileAndFormatHave) {
  struct Case {
    SampleType type;
    Format format;
    TiffScheme scheme;
    int asked, given;
  };
  using enum SampleType;
  for (const Case& expected : {Case{u8, Format::png, TiffScheme::deflate, 16, 8},
                               {u16, Format::png, TiffScheme::deflate, 8, 8},
                               {u16, Format::png, TiffScheme::deflate, 16, 16},
                               {u16, Format::png, TiffScheme::deflate, 32, 16},
                               {f32, Format::png, TiffScheme::deflate, 32, 16},
                               {u32, Format::tiff, TiffScheme::zstd, 32, 16},
                               {f32, Format::tiff, TiffScheme::lzw, 32, 32},
                               {f32, Format::tiff, TiffScheme::none, 16, 16},
                               {f32, Format::tiff, TiffScheme::jpeg, 32, 8},
                               {u16, Format::tiff, TiffScheme::webp, 16, 8},
                               {u16, Format::jpeg, TiffScheme::deflate, 16, 8},
                               {u16, Format::webp, TiffScheme::deflate, 16, 8},
                               {u16, Format::avif, TiffScheme::deflate, 32, 8}}) {
    info.format.type = expected.type;
    info.stored_bits = expected.type == u8 ? 8 : expected.type == u16 ? 16 : 32;
    settings.tiff_scheme = expected.scheme;
    ImageRequest request = tile();
    request.format = expected.format;
    request.bits = expected.asked;
    EXPECT_EQ(plan(request).encoding.bits, expected.given)
        << static_cast<int>(expected.type) << " as " << media_type(expected.format);
    request.colouring = Colouring::bitonal;
    EXPECT_EQ(plan(request).encoding.bits, 8);
  }
}

TEST_F(PlanProcessing, QualitiesAreWithinTheEncodersRange) {
  ImageRequest request = tile();
  request.format = Format::tiff;
  request.quality = 80;
  settings.tiff_quality = 100;
  EXPECT_EQ(plan(request).encoding.quality, 9) << "deflate, by the settings";
  settings.tiff_scheme = TiffScheme::jpeg;
  EXPECT_EQ(plan(request).encoding.quality, 80);
  settings.tiff_scheme = TiffScheme::zstd;
  request.tiff_scheme = TiffScheme::zstd;
  EXPECT_EQ(plan(request).encoding.quality, 19);
  EXPECT_EQ(plan(request).encoding.tiff_scheme, TiffScheme::zstd);
  request.format = Format::webp;
  request.quality = -1;
  EXPECT_EQ(plan(request).encoding.quality, -1);
}

}  // namespace
}  // namespace iip
