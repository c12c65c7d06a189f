#include "engine/plan/size.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <tuple>

#include "pyramids.h"

namespace iip {
namespace {

using Form = SizeRequest::Form;
using Enlarging = SizeRequest::Enlarging;
using OverLimit = SizeRequest::OverLimit;

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

SizeRequest iiif3(Form form, std::uint64_t width = 0, std::uint64_t height = 0,
                  bool caret = false) {
  return {form,
          width,
          height,
          100,
          caret ? Enlarging::allowed : Enlarging::refused,
          OverLimit::refused};
}

SizeRequest iip(Form form, std::uint64_t width = 0, std::uint64_t height = 0) {
  return {form, width, height, 100, Enlarging::silent, OverLimit::shrunk};
}

SizeRequest percent(double value, Enlarging enlarging = Enlarging::refused) {
  return {Form::percent, 0, 0, value, enlarging, OverLimit::refused};
}

class SizeTest : public ::testing::Test {
 protected:
  Size scaled(const Rect& region, const SizeRequest& request, bool as_whole = false) {
    const auto delivery = deliver(region, as_whole, request, rotation, info, settings);
    EXPECT_TRUE(delivery.has_value()) << delivery.error().message;
    return delivery ? delivery->scaled : Size{};
  }
  ErrorKind refusal(const Rect& region, const SizeRequest& request) {
    const auto delivery = deliver(region, false, request, rotation, info, settings);
    EXPECT_FALSE(delivery.has_value());
    return delivery ? ErrorKind::internal : delivery.error().kind;
  }

  Settings settings;
  double rotation = 0;
  // 1000x701, 500x350, 250x175
  ImageInfo info = test::pyramid({1000, 701}, {256, 256}, test::Halving::down);
  const Rect whole{0, 0, 1000, 701};
  const Rect part{10, 10, 300, 200};
};

TEST_F(SizeTest, NaturalAndLargest) {
  EXPECT_EQ(scaled(part, iiif3(Form::natural)), (Size{300, 200}));
  EXPECT_EQ(scaled(part, iiif3(Form::largest)), (Size{300, 200}));
  settings.max_cvt = 150;
  EXPECT_EQ(scaled(part, iiif3(Form::natural)), (Size{150, 100}));
  EXPECT_EQ(scaled(part, iiif3(Form::largest)), (Size{150, 100}));
  EXPECT_EQ(scaled({0, 0, 1, 701}, iiif3(Form::natural)), (Size{1, 150}));
  settings.max_cvt = 3000;
  EXPECT_EQ(scaled(part, iiif3(Form::largest, 0, 0, true)), (Size{3000, 2000}));
  settings.allow_upscaling = false;
  EXPECT_EQ(refusal(part, iiif3(Form::largest, 0, 0, true)), ErrorKind::unsupported);
}

TEST_F(SizeTest, OneSideFollowsTheOther) {
  EXPECT_EQ(scaled(part, iiif3(Form::width, 150)), (Size{150, 100}));
  EXPECT_EQ(scaled(part, iiif3(Form::width, 100)), (Size{100, 67}));  // 66.67
  EXPECT_EQ(scaled(part, iiif3(Form::width, 1)), (Size{1, 1}));       // 0.67
  EXPECT_EQ(scaled(part, iiif3(Form::height, 0, 50)), (Size{75, 50}));
  EXPECT_EQ(scaled({0, 0, 1000, 1}, iiif3(Form::width, 10)), (Size{10, 1}));  // 0.01
}

TEST_F(SizeTest, WholeImageTakesTheSizeOfALevel) {
  // One tile, and so rounded up as a tile is: 701 / 4 = 175.25.
  EXPECT_EQ(scaled(whole, iiif3(Form::width, 250), true), (Size{250, 176}));
  EXPECT_EQ(scaled(whole, iiif3(Form::height, 0, 176), true), (Size{250, 176}));
  // No tile and no level.
  EXPECT_EQ(scaled(whole, iiif3(Form::height, 0, 175), true), (Size{250, 175}));
  EXPECT_EQ(scaled(whole, iiif3(Form::width, 500), true), (Size{500, 350}));
  // 500 * 701 / 1000 = 350.5; no level is 501 wide
  EXPECT_EQ(scaled(whole, iiif3(Form::width, 501), true), (Size{501, 351}));
}

TEST_F(SizeTest, ATileOfTheGridRoundsBothSidesUp) {
  // As rectangles, the way a viewer counts tiles: scale 4 and 2.
  EXPECT_EQ(scaled(whole, iiif3(Form::width, 250)), (Size{250, 176}));
  EXPECT_EQ(scaled({0, 512, 512, 189}, iiif3(Form::width, 256)), (Size{256, 95}));
  EXPECT_EQ(scaled({512, 512, 488, 189}, iiif3(Form::height, 0, 95)), (Size{244, 95}));
  // Not on the grid: plain rounding, 94.5 to 95 and 93.5 to 94 apart.
  EXPECT_EQ(scaled({0, 511, 512, 187}, iiif3(Form::width, 256)), (Size{256, 94}));
  EXPECT_EQ(scaled({0, 512, 512, 187}, iiif3(Form::width, 128)), (Size{128, 47}));

  info = test::pyramid({513, 257}, {256, 256}, test::Halving::down);
  EXPECT_EQ(scaled({512, 0, 1, 257}, iiif3(Form::width, 1)), (Size{1, 129}));
  EXPECT_EQ(scaled({0, 256, 256, 1}, iiif3(Form::width, 256)), (Size{256, 1}));
  EXPECT_EQ(scaled({0, 0, 513, 257}, iiif3(Form::width, 129)), (Size{129, 65}));
}

TEST_F(SizeTest, Percent) {
  EXPECT_EQ(scaled(part, percent(50)), (Size{150, 100}));
  EXPECT_EQ(scaled(part, percent(100)), (Size{300, 200}));
  EXPECT_EQ(scaled(part, percent(0.2)), (Size{1, 1}));  // 0.6 x 0.4
  EXPECT_EQ(scaled({0, 0, 1000, 1}, percent(10)), (Size{100, 1}));
  EXPECT_EQ(refusal(part, percent(0)), ErrorKind::malformed);
  EXPECT_EQ(refusal(part, percent(0.1)), ErrorKind::malformed);  // 0.3 x 0.2
  EXPECT_EQ(refusal(part, percent(100.01)), ErrorKind::malformed);
  EXPECT_EQ(scaled(part, percent(200, Enlarging::allowed)), (Size{600, 400}));
  EXPECT_EQ(refusal(part, percent(1e300, Enlarging::allowed)), ErrorKind::malformed);
  EXPECT_EQ(refusal(part, percent(std::numeric_limits<double>::quiet_NaN())), ErrorKind::malformed);
}

TEST_F(SizeTest, ExactMayDistort) {
  EXPECT_EQ(scaled(part, iiif3(Form::exact, 300, 1)), (Size{300, 1}));
  EXPECT_EQ(scaled(part, iiif3(Form::exact, 17, 200)), (Size{17, 200}));
  EXPECT_EQ(refusal(part, iiif3(Form::exact, 301, 10)), ErrorKind::malformed);
  EXPECT_EQ(refusal(part, iiif3(Form::exact, 10, 201)), ErrorKind::malformed);
  EXPECT_EQ(scaled(part, iiif3(Form::exact, 301, 10, true)), (Size{301, 10}));
}

TEST_F(SizeTest, ConfinedKeepsTheAspect) {
  EXPECT_EQ(scaled(part, iiif3(Form::confined, 150, 150)), (Size{150, 100}));
  EXPECT_EQ(scaled(part, iiif3(Form::confined, 300, 50)), (Size{75, 50}));
  // Larger than the region: the region's own size, or enlarged where asked for.
  EXPECT_EQ(scaled(part, iiif3(Form::confined, 900, 900)), (Size{300, 200}));
  EXPECT_EQ(scaled(part, iiif3(Form::confined, kHuge, kHuge)), (Size{300, 200}));
  EXPECT_EQ(scaled(part, iiif3(Form::confined, 900, 900, true)), (Size{900, 600}));
  // Never an error because the box is larger than the limit.
  settings.max_cvt = 600;
  EXPECT_EQ(scaled(part, iiif3(Form::confined, 900, 900, true)), (Size{600, 400}));
  EXPECT_EQ(scaled(part, iiif3(Form::confined, 600, 10000, true)), (Size{600, 400}));
}

TEST_F(SizeTest, EnlargingMustBeAskedForAndAllowed) {
  EXPECT_EQ(refusal(part, iiif3(Form::width, 301)), ErrorKind::malformed);
  EXPECT_EQ(refusal(part, iiif3(Form::height, 0, 201)), ErrorKind::malformed);
  EXPECT_EQ(scaled(part, iiif3(Form::width, 600, 0, true)), (Size{600, 400}));
  settings.allow_upscaling = false;
  EXPECT_EQ(refusal(part, iiif3(Form::width, 301)), ErrorKind::malformed);
  EXPECT_EQ(refusal(part, iiif3(Form::width, 600, 0, true)), ErrorKind::unsupported);
  EXPECT_EQ(refusal(part, iiif3(Form::confined, 600, 600, true)), ErrorKind::unsupported);
  EXPECT_EQ(scaled(part, iiif3(Form::width, 300, 0, true)), (Size{300, 200}));
}

TEST_F(SizeTest, IipEnlargesSilentlyOrNotAtAll) {
  EXPECT_EQ(scaled(part, iip(Form::width, 600)), (Size{600, 400}));
  settings.allow_upscaling = false;
  EXPECT_EQ(scaled(part, iip(Form::width, 600)), (Size{300, 200}));
  EXPECT_EQ(scaled(part, iip(Form::confined, 600, 300)), (Size{300, 200}));
  EXPECT_EQ(scaled(part, iip(Form::width, 150)), (Size{150, 100}));
}

TEST_F(SizeTest, Limits) {
  settings.max_cvt = 200;
  // IIIF refuses what is over the limit, IIP cuts it down.
  EXPECT_EQ(refusal(part, iiif3(Form::width, 201)), ErrorKind::malformed);
  EXPECT_EQ(refusal(part, iiif3(Form::exact, 201, 1)), ErrorKind::malformed);
  EXPECT_EQ(refusal(part, percent(99)), ErrorKind::malformed);
  EXPECT_EQ(refusal({0, 0, 100, 701}, iiif3(Form::width, 100)), ErrorKind::malformed);
  EXPECT_EQ(scaled(part, iiif3(Form::width, 200)), (Size{200, 133}));
  EXPECT_EQ(scaled(part, iip(Form::width, 5000)), (Size{200, 133}));
  EXPECT_EQ(scaled({0, 0, 100, 700}, iip(Form::width, 100)), (Size{29, 200}));
  EXPECT_EQ(scaled(part, iip(Form::natural)), (Size{200, 133}));
  EXPECT_EQ(scaled(part, iip(Form::width, kHuge)), (Size{200, 133}));
  EXPECT_EQ(scaled({0, 0, 1, 701}, iip(Form::height, 0, kHuge)), (Size{1, 200}));
}

TEST_F(SizeTest, HugeNumbersAreOverTheLargestLimitToo) {
  settings.max_cvt = std::numeric_limits<std::uint32_t>::max();
  for (const Form form : {Form::width, Form::height, Form::exact}) {
    EXPECT_EQ(refusal(part, iiif3(form, kHuge, kHuge, true)), ErrorKind::malformed);
  }
  EXPECT_EQ(scaled({0, 0, 1, 701}, iiif3(Form::confined, kHuge, kHuge, true)).height,
            std::int64_t{4294967295});
}

// By the box's formula: w' = w |cos| + h |sin|, h' = w |sin| + h |cos|.
TEST_F(SizeTest, ATurnedPictureKeepsWithinTheLimit) {
  settings.max_cvt = 500;
  rotation = 45;
  const double root = std::sqrt(0.5);
  EXPECT_EQ(refusal(part, iiif3(Form::exact, 500, 300, /*caret=*/true)), ErrorKind::malformed);
  EXPECT_EQ(scaled(part, iiif3(Form::exact, 400, 300, true)), (Size{400, 300}));
  for (const SizeRequest& request :
       {iiif3(Form::natural), iiif3(Form::largest), iiif3(Form::confined, 500, 500),
        iip(Form::width, 900), iip(Form::exact, 2000, 1402), iip(Form::natural)}) {
    const Size size = scaled(whole, request, true);
    const double side = static_cast<double>(size.width + size.height) * root;
    EXPECT_LE(side, 500.5);
    EXPECT_GE(side, 498) << "no smaller than need be";
    EXPECT_NEAR(static_cast<double>(size.width) / static_cast<double>(size.height), 1000 / 701.0,
                0.01);
  }
  for (const double degrees : {0.0, 90.0, 180.0, 270.0}) {
    rotation = degrees;
    EXPECT_EQ(scaled(part, iiif3(Form::exact, 500, 300, true)), (Size{500, 300}));
  }
}

TEST_F(SizeTest, EmptyIsMalformed) {
  for (const Form form : {Form::width, Form::height, Form::exact, Form::confined}) {
    EXPECT_EQ(refusal(part, iiif3(form)), ErrorKind::malformed);
  }
  EXPECT_EQ(refusal(part, iiif3(Form::exact, 0, 7)), ErrorKind::malformed);
}

TEST_F(SizeTest, SaysWhatACanonicalUriNeeds) {
  const auto delivery = [&](const Rect& region, const SizeRequest& request) {
    return *deliver(region, region == whole, request, rotation, info, settings);
  };
  EXPECT_TRUE(delivery(part, iiif3(Form::exact, 300, 200)).is_max_size);
  EXPECT_FALSE(delivery(part, iiif3(Form::exact, 300, 199)).is_max_size);
  EXPECT_TRUE(delivery(part, iiif3(Form::exact, 150, 100)).keeps_aspect);
  EXPECT_FALSE(delivery(part, iiif3(Form::exact, 150, 101)).keeps_aspect);
  EXPECT_TRUE(delivery(part, iiif3(Form::exact, 301, 10, true)).enlarges);
  EXPECT_TRUE(delivery(whole, iiif3(Form::exact, 250, 176)).keeps_aspect);
  EXPECT_FALSE(delivery(whole, iiif3(Form::exact, 250, 175)).keeps_aspect);
  EXPECT_TRUE(delivery(whole, iiif3(Form::exact, 500, 350)).keeps_aspect);
  settings.max_cvt = 3000;
  const Delivery largest = delivery(part, iiif3(Form::largest, 0, 0, true));
  EXPECT_TRUE(largest.is_max_size && largest.enlarges && largest.keeps_aspect);
  EXPECT_EQ(largest.region, part);
}

}  // namespace
}  // namespace iip
