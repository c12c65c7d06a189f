// The order of packets, by the loops that ISO/IEC 15444-1 B.12 writes down, over every place of the
// reference grid.
#include "engine/formats/jpeg2000/index/progression.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "component_coding.h"
#include "draw.h"

namespace iip::test {
namespace {

constexpr std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

struct Setting {
  J2kHeader header;
  J2kCoding coding;
  Rect tile;
};

// As text, for the messages.
std::string name_of(int component, int resolution, std::int64_t precinct, int layer) {
  return "c" + std::to_string(component) + "r" + std::to_string(resolution) + "p" +
         std::to_string(precinct) + "l" + std::to_string(layer);
}

class ReferenceWalk {
 public:
  explicit ReferenceWalk(const Setting& setting) : setting_(setting) {}

  std::vector<std::string> packets() {
    const J2kCoding& coding = setting_.coding;
    if (coding.changes.empty()) {
      walk({0, 0, coding.layers, kMostResolutions, components(), coding.progression});
    }
    for (const J2kProgressionVolume& volume : coding.changes) walk(volume);
    return packets_;
  }

 private:
  static constexpr int kMostResolutions = 33;

  // One axis of a resolution of a component: B.5 and B.6.
  struct Axis {
    std::int64_t tile_begin;
    std::int64_t tile_end;
    std::int64_t spacing;
    int halvings;  // N_L - r
    int precinct;  // PP

    std::int64_t begin() const { return divided_up(tile_begin, spacing << halvings); }
    std::int64_t end() const { return divided_up(tile_end, spacing << halvings); }
    std::int64_t precincts() const {
      if (begin() == end()) return 0;
      return divided_up(end(), std::int64_t{1} << precinct) - (begin() >> precinct);
    }
    // Does a precinct begin at this place of the reference grid, as B.12.1.3 asks?
    bool begins_at(std::int64_t at) const {
      const std::int64_t step = std::int64_t{1} << (precinct + halvings);
      return at % (spacing * step) == 0 || (at == tile_begin && (begin() << halvings) % step != 0);
    }
    std::int64_t index_at(std::int64_t at) const {
      return (divided_up(at, spacing << halvings) >> precinct) - (begin() >> precinct);
    }
  };

  int components() const { return static_cast<int>(setting_.header.components.size()); }
  int levels(int c) const { return setting_.coding.components[static_cast<std::size_t>(c)].levels; }

  Axis across(int c, int r) const {
    const auto at = static_cast<std::size_t>(c);
    return {setting_.tile.x, setting_.tile.right(), setting_.header.components[at].dx,
            levels(c) - r,
            setting_.coding.components[at].precincts[static_cast<std::size_t>(r)] & 0x0F};
  }
  Axis down(int c, int r) const {
    const auto at = static_cast<std::size_t>(c);
    return {setting_.tile.y, setting_.tile.bottom(), setting_.header.components[at].dy,
            levels(c) - r,
            setting_.coding.components[at].precincts[static_cast<std::size_t>(r)] >> 4U};
  }
  std::int64_t precincts(int c, int r) const {
    return across(c, r).precincts() * down(c, r).precincts();
  }

  // Each packet comes once, where it comes first.
  void packet(int c, int r, std::int64_t p, int l) {
    if (seen_.insert({c, r, p, l}).second) packets_.push_back(name_of(c, r, p, l));
  }

  template <class Work>
  void for_components(const J2kProgressionVolume& of, const Work& work) const {
    for (int c = of.first_component; c < std::min(of.end_component, components()); ++c) work(c);
  }
  template <class Work>
  static void for_resolutions(const J2kProgressionVolume& of, const Work& work) {
    for (int r = of.first_resolution; r < std::min(of.end_resolution, kMostResolutions); ++r) {
      work(r);
    }
  }
  template <class Work>
  void for_layers(const J2kProgressionVolume& of, const Work& work) const {
    for (int l = 0; l < std::min(of.end_layer, setting_.coding.layers); ++l) work(l);
  }
  template <class Work>
  void for_places(const Work& work) const {
    for (std::int64_t y = setting_.tile.y; y < setting_.tile.bottom(); ++y) {
      for (std::int64_t x = setting_.tile.x; x < setting_.tile.right(); ++x) work(x, y);
    }
  }

  void all_precincts(int c, int r, int l) {
    if (r > levels(c)) return;
    for (std::int64_t p = 0; p < precincts(c, r); ++p) packet(c, r, p, l);
  }
  void precinct_at(const J2kProgressionVolume& of, int c, int r, std::int64_t x, std::int64_t y) {
    if (r > levels(c) || precincts(c, r) == 0) return;
    const Axis h = across(c, r);
    const Axis v = down(c, r);
    if (!h.begins_at(x) || !v.begins_at(y)) return;
    for_layers(of, [&](int l) { packet(c, r, h.index_at(x) + h.precincts() * v.index_at(y), l); });
  }

  void walk(const J2kProgressionVolume& of) {
    switch (of.progression) {
      case J2kProgression::lrcp:
        for_layers(of, [&](int l) {
          for_resolutions(
              of, [&](int r) { for_components(of, [&](int c) { all_precincts(c, r, l); }); });
        });
        return;
      case J2kProgression::rlcp:
        for_resolutions(of, [&](int r) {
          for_layers(of,
                     [&](int l) { for_components(of, [&](int c) { all_precincts(c, r, l); }); });
        });
        return;
      case J2kProgression::rpcl:
        for_resolutions(of, [&](int r) {
          for_places([&](std::int64_t x, std::int64_t y) {
            for_components(of, [&](int c) { precinct_at(of, c, r, x, y); });
          });
        });
        return;
      case J2kProgression::pcrl:
        for_places([&](std::int64_t x, std::int64_t y) {
          for_components(
              of, [&](int c) { for_resolutions(of, [&](int r) { precinct_at(of, c, r, x, y); }); });
        });
        return;
      case J2kProgression::cprl:
        for_components(of, [&](int c) {
          for_places([&](std::int64_t x, std::int64_t y) {
            for_resolutions(of, [&](int r) { precinct_at(of, c, r, x, y); });
          });
        });
        return;
    }
  }

  const Setting& setting_;
  std::vector<std::string> packets_;
  std::set<std::tuple<int, int, std::int64_t, int>> seen_;
};

std::vector<std::string> walked(const Setting& setting) {
  const J2kTileGeometry geometry = j2k_tile_geometry(setting.header, setting.coding, setting.tile);
  const Deadline never;
  J2kProgressionWalk walk(setting.header, setting.coding, setting.tile, geometry, never);
  std::vector<std::string> packets;
  for (J2kPacketPlace at; walk.next(at);) {
    packets.push_back(name_of(at.component, at.resolution, at.precinct, at.layer));
  }
  EXPECT_TRUE(walk.status());
  return packets;
}

constexpr std::array<J2kProgression, 5> kOrders{J2kProgression::lrcp, J2kProgression::rlcp,
                                                J2kProgression::rpcl, J2kProgression::pcrl,
                                                J2kProgression::cprl};

// Two components of 8 x 4 samples, one level, precincts of 4 x 4, two layers; by hand.
TEST(Progression, SmallPicture) {
  Setting setting;
  setting.tile = {0, 0, 8, 4};
  setting.header.components.resize(2);
  setting.coding.components.assign(2, component_coding(1, 0x22));
  setting.coding.layers = 2;
  const auto packets = [&setting](J2kProgression order) {
    setting.coding.progression = order;
    EXPECT_EQ(ReferenceWalk(setting).packets(), walked(setting));
    std::string all;
    for (const std::string& packet : walked(setting)) all += packet + " ";
    return all;
  };
  EXPECT_EQ(packets(J2kProgression::lrcp),
            "c0r0p0l0 c1r0p0l0 c0r1p0l0 c0r1p1l0 c1r1p0l0 c1r1p1l0 "
            "c0r0p0l1 c1r0p0l1 c0r1p0l1 c0r1p1l1 c1r1p0l1 c1r1p1l1 ");
  EXPECT_EQ(packets(J2kProgression::rlcp),
            "c0r0p0l0 c1r0p0l0 c0r0p0l1 c1r0p0l1 "
            "c0r1p0l0 c0r1p1l0 c1r1p0l0 c1r1p1l0 c0r1p0l1 c0r1p1l1 c1r1p0l1 c1r1p1l1 ");
  EXPECT_EQ(packets(J2kProgression::rpcl),
            "c0r0p0l0 c0r0p0l1 c1r0p0l0 c1r0p0l1 "
            "c0r1p0l0 c0r1p0l1 c1r1p0l0 c1r1p0l1 c0r1p1l0 c0r1p1l1 c1r1p1l0 c1r1p1l1 ");
  EXPECT_EQ(packets(J2kProgression::pcrl),
            "c0r0p0l0 c0r0p0l1 c0r1p0l0 c0r1p0l1 c1r0p0l0 c1r0p0l1 c1r1p0l0 c1r1p0l1 "
            "c0r1p1l0 c0r1p1l1 c1r1p1l0 c1r1p1l1 ");
  EXPECT_EQ(packets(J2kProgression::cprl),
            "c0r0p0l0 c0r0p0l1 c0r1p0l0 c0r1p0l1 c0r1p1l0 c0r1p1l1 "
            "c1r0p0l0 c1r0p0l1 c1r1p0l0 c1r1p0l1 c1r1p1l0 c1r1p1l1 ");
}

// Tiles anywhere, components of any spacing and number of levels, precincts of any size.
Setting random_setting(Draw& draw) {
  Setting setting;
  setting.tile = {draw.between(0, 50), draw.between(0, 50), draw.between(1, 45),
                  draw.between(1, 45)};
  setting.coding.layers = draw.between(1, 4);
  for (int i = draw.between(1, 4); i > 0; --i) {
    setting.header.components.push_back({8, false, draw.between(1, 4), draw.between(1, 4)});
    J2kComponentCoding coding;
    coding.levels = draw.between(0, 4);
    for (std::size_t r = 0; r < coding.precincts.size(); ++r) {
      const int least = r == 0 ? 0 : 1;
      coding.precincts[r] =
          static_cast<std::uint8_t>(draw.between(least, 5) | draw.between(least, 5) << 4);
    }
    setting.coding.components.push_back(coding);
  }
  return setting;
}

class ProgressionOrders : public ::testing::TestWithParam<J2kProgression> {};
INSTANTIATE_TEST_SUITE_P(All, ProgressionOrders, ::testing::ValuesIn(kOrders));

TEST_P(ProgressionOrders, AnyGeometry) {
  Draw draw(1);
  for (int run = 0; run < 60; ++run) {
    Setting setting = random_setting(draw);
    setting.coding.progression = GetParam();
    ASSERT_EQ(walked(setting), ReferenceWalk(setting).packets()) << "run " << run;
  }
}

J2kProgressionVolume random_volume(Draw& draw) {
  J2kProgressionVolume volume;
  // Most go over the first packets, so that one begins where others have ended.
  volume.first_resolution = draw.happens(70) ? 0 : draw.between(0, 3);
  volume.end_resolution = draw.between(volume.first_resolution + 1, 6);
  volume.first_component = draw.happens(70) ? 0 : draw.between(0, 2);
  volume.end_component = draw.between(volume.first_component + 1, 5);
  volume.end_layer = draw.between(1, 5);
  volume.progression = kOrders[static_cast<std::size_t>(draw.between(0, 4))];
  return volume;
}

// Volumes that overlap, with more layers or resolutions than there are, and that leave packets out.
TEST(Progression, AnyChanges) {
  Draw draw(2);
  for (int run = 0; run < 200; ++run) {
    Setting setting = random_setting(draw);
    for (int i = draw.between(1, 6); i > 0; --i) {
      setting.coding.changes.push_back(random_volume(draw));
    }
    ASSERT_EQ(walked(setting), ReferenceWalk(setting).packets()) << "run " << run;
  }
}

TEST(Progression, ATileWithoutSamplesOfAComponent) {
  Setting setting;
  setting.tile = {1, 1, 2, 2};
  setting.header.components = {{8, false, 1, 1}, {8, false, 4, 4}, {8, false, 1, 1}};
  setting.coding.components.assign(3, component_coding(1, 0x33));
  EXPECT_EQ(walked(setting), ReferenceWalk(setting).packets());
  EXPECT_EQ(walked(setting).size(), 4U);
}

TEST(Progression, TheSamePacketsAgainAndAgain) {
  Setting setting;
  setting.tile = {0, 0, 64, 64};
  setting.header.components.resize(1);
  setting.coding.components.assign(1, component_coding(0, 0x00));  // 4096 precincts
  J2kProgressionVolume volume;
  volume.end_layer = volume.end_resolution = volume.end_component = 1;
  setting.coding.changes.assign(8190, volume);
  const J2kTileGeometry geometry = j2k_tile_geometry(setting.header, setting.coding, setting.tile);
  const Deadline never;
  J2kProgressionWalk walk(setting.header, setting.coding, setting.tile, geometry, never);
  int count = 0;
  for (J2kPacketPlace place; walk.next(place);) ++count;
  EXPECT_EQ(count, 4096);
  ASSERT_FALSE(walk.status());
  EXPECT_EQ(walk.status().error().kind, ErrorKind::too_large);
}

TEST(Progression, EndsWithTheTime) {
  Setting setting;
  setting.tile = {0, 0, 64, 64};
  setting.header.components.resize(1);
  setting.coding.components.assign(1, component_coding(0, 0x00));
  const J2kTileGeometry geometry = j2k_tile_geometry(setting.header, setting.coding, setting.tile);
  const Deadline now = Deadline::after(std::chrono::seconds(0));
  J2kProgressionWalk walk(setting.header, setting.coding, setting.tile, geometry, now);
  J2kPacketPlace place;
  EXPECT_FALSE(walk.next(place));
  ASSERT_FALSE(walk.status());
  EXPECT_EQ(walk.status().error().kind, ErrorKind::busy);
}

TEST(Progression, MemoryIsCountedWhateverIsClaimed) {
  J2kResolution resolution;
  resolution.precincts.across = std::int64_t{1} << 31;
  resolution.precincts.down = std::int64_t{1} << 31;
  const std::uint64_t one = J2kProgressionWalk::bytes({{J2kResolution{{}, {0, 0, 0, 0, 1, 1}}}});
  EXPECT_GE(one, sizeof(J2kPacketPlace));
  EXPECT_EQ(J2kProgressionWalk::bytes({{resolution, resolution}}), UINT64_MAX);
}

}  // namespace
}  // namespace iip::test
