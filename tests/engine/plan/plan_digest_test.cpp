// Whatever a plan says of a picture's bytes is in its digest: each member, one after the other.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/plan/plan.h"

namespace iip {
namespace {

Digest digest_of(const Plan& plan) {
  Hasher hasher;
  plan.add_to(hasher);
  return hasher.digest();
}

TEST(PlanDigest, EveryMemberCounts) {
  using P = Plan;
  Plan base;
  base.source = {10, 20, 300, 200};
  base.delivery.region = {20, 40, 600, 400};
  base.delivery.scaled = {150, 100};
  const std::vector<std::pair<const char*, std::function<void(P&)>>> changes = {
      {"level", [](P& p) { p.level = 1; }},
      {"source.x", [](P& p) { p.source.x += 0.5; }},
      {"source.y", [](P& p) { p.source.y += 0.5; }},
      {"source.width", [](P& p) { p.source.width += 0.5; }},
      {"source.height", [](P& p) { p.source.height += 0.5; }},
      {"passthrough", [](P& p) { p.passthrough = true; }},
      {"processing", [](P& p) { p.processing.invert = true; }},
      {"colour", [](P& p) { p.colour = ColourPolicy::srgb; }},
      {"mirror", [](P& p) { p.mirror = true; }},
      {"rotation", [](P& p) { p.rotation = 0.25; }},
      {"colouring", [](P& p) { p.colouring = Colouring::grey; }},
      {"encoding", [](P& p) { p.encoding.quality = 76; }},
      {"interpolation", [](P& p) { p.interpolation = Interpolation::lanczos; }},
      {"embed_icc", [](P& p) { p.embed_icc = true; }},
      {"describe", [](P& p) { p.describe = true; }},
      {"copyright", [](P& p) { p.copyright = "a"; }},
      {"another copyright", [](P& p) { p.copyright = "b"; }},
      {"layers", [](P& p) { p.layers = 1; }},
      {"region.x", [](P& p) { ++p.delivery.region.x; }},
      {"region.y", [](P& p) { ++p.delivery.region.y; }},
      {"region.width", [](P& p) { ++p.delivery.region.width; }},
      {"region.height", [](P& p) { ++p.delivery.region.height; }},
      {"scaled.width", [](P& p) { ++p.delivery.scaled.width; }},
      {"scaled.height", [](P& p) { ++p.delivery.scaled.height; }},
      {"watermarking",
       [](P& p) {
         static const int kSomething = 0;
         p.watermarking.mark = reinterpret_cast<const Watermark*>(&kSomething);
       }},
  };
  std::vector<std::pair<std::string, Digest>> known{{"nothing", digest_of(base)}};
  for (const auto& [name, make] : changes) {
    Plan changed = base;
    make(changed);
    const Digest digest = digest_of(changed);
    for (const auto& [other, its] : known) EXPECT_NE(digest, its) << name << " and " << other;
    known.emplace_back(name, digest);
  }
}

}  // namespace
}  // namespace iip
