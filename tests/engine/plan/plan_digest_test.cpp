// Whatever a plan says of a picture's bytes is in its digest: each member, one after the other.
#include <gtest/gtest.h>

#include "engine/plan/plan.h"
#include "support/settings_members.h"

namespace iip {

static auto members_of(Size& size) {
  auto& [width, height] = size;
  return std::tie(width, height);
}
static auto members_of(Rect& rect) {
  auto& [x, y, width, height] = rect;
  return std::tie(x, y, width, height);
}
static auto members_of(RectF& rect) {
  auto& [x, y, width, height] = rect;
  return std::tie(x, y, width, height);
}
static auto members_of(Delivery& delivery) {
  auto& [region, scaled, is_max_size, enlarges, keeps_aspect] = delivery;
  return std::tie(region, scaled, is_max_size, enlarges, keeps_aspect);
}
static auto members_of(Plan& plan) {
  auto& [level, source, tile, passthrough, processing, colour, mirror, rotation, colouring,
         encoding, interpolation, embed_icc, describe, copyright, watermarking, layers, delivery] =
      plan;
  return std::tie(level, source, tile, passthrough, processing, colour, mirror, rotation, colouring,
                  encoding, interpolation, embed_icc, describe, copyright, watermarking, layers,
                  delivery);
}

namespace {

TEST(PlanDigest, EveryMemberCounts) {
  Plan plan;
  plan.source = {10, 20, 300, 200};
  plan.delivery.region = {20, 40, 600, 400};
  plan.delivery.scaled = {150, 100};
  plan.processing = some_processing();
  plan.watermarking = some_watermarking();
  // The tile follows from level and source; the rest concerns headers, or another format.
  expect_each_change_in_digest(
      plan, {&plan.tile, &plan.delivery.is_max_size, &plan.delivery.enlarges,
             &plan.delivery.keeps_aspect, &plan.encoding.tiff_scheme, &plan.encoding.avif_codec});
}

TEST(PlanDigest, OfAnUnscaledPictureTheInterpolationDoesNotCount) {
  Plan plan;
  plan.source = {10, 20, 300, 200};
  plan.delivery.scaled = {300, 200};
  ASSERT_TRUE(plan.is_copy());
  const Digest digest = digest_of(plan);
  plan.interpolation = Interpolation::lanczos;
  EXPECT_EQ(digest_of(plan), digest);
}

}  // namespace
}  // namespace iip
