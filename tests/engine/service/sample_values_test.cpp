// SPECTRA and PFL: values against the formula that the pixels are made by.
#include "engine/service/sample_values.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/service/pixel_line.h"

namespace iip {
namespace {

using Formula = std::function<double(std::int64_t x, std::int64_t y, int channel)>;

// Samples of every type, by a formula; keeps account of what is read at once.
class FormulaSource : public Source {
 public:
  FormulaSource(const std::vector<Size>& levels, const Size& tile, const PixelFormat& format,
                int bits, Formula formula)
      : Source(info_of(levels, tile, format, bits)), formula_(std::move(formula)) {}

  Result<Raster> read(const ReadContext& context, std::size_t level,
                      const Rect& rect) const override {
    EXPECT_EQ(intersect(rect, Rect::of(info_.levels[level].size)), rect) << "outside the level";
    largest_read = std::max(largest_read, rect.size().area());
    auto raster = Raster::create(rect.size(), info_.format, context.budget);
    if (!raster) return raster;
    for (std::int64_t y = 0; y < rect.height; ++y) {
      for (std::int64_t i = 0; i < rect.width * info_.format.channels(); ++i) {
        const auto channel = static_cast<int>(i % info_.format.channels());
        set(*raster, y, i, formula_(rect.x + i / info_.format.channels(), rect.y + y, channel));
      }
    }
    return raster;
  }

  ImageInfo& change_info() { return info_; }
  mutable std::int64_t largest_read = 0;

 private:
  static ImageInfo info_of(const std::vector<Size>& levels, const Size& tile,
                           const PixelFormat& format, int bits) {
    ImageInfo info;
    for (const Size& size : levels) info.levels.push_back({size, tile});
    info.format = format;
    info.stored_bits = bits;
    return info;
  }
  void set(Raster& raster, std::int64_t y, std::int64_t index, double value) const {
    const auto i = static_cast<std::size_t>(index);
    switch (info_.format.type) {
      case SampleType::u8:
        raster.samples<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(value);
        break;
      case SampleType::u16:
        raster.samples<std::uint16_t>(y)[i] = static_cast<std::uint16_t>(value);
        break;
      case SampleType::u32:
        raster.samples<std::uint32_t>(y)[i] = static_cast<std::uint32_t>(value);
        break;
      default:
        raster.samples<float>(y)[i] = static_cast<float>(value);
    }
  }

  Formula formula_;
};

struct NamedFrame {
  std::string name;
  double scale;
  std::shared_ptr<const FormulaSource> source;
};

class ListedFrames final : public Frames {
 public:
  explicit ListedFrames(std::vector<NamedFrame> frames) : frames_(std::move(frames)) {}
  std::size_t count() const override { return frames_.size(); }
  Result<Frame> open(std::size_t index, const ReadContext& /*context*/) const override {
    const NamedFrame& frame = frames_[index];
    return Frame{frame.name, frame.scale, std::make_shared<const OpenImage>(frame.source)};
  }
  std::string number(std::size_t index) const override { return std::to_string(index); }
  void add_to(Hasher& /*hasher*/) const override {}
  void add_devices(Hasher& /*hasher*/) const override {}
  bool settled() const override { return true; }

 private:
  std::vector<NamedFrame> frames_;
};

class SampleValues : public testing::Test {
 protected:
  using Levels = std::vector<Size>;
  // Grey, of tiles of 16x8, 50x30 and 25x15 pixels.
  std::shared_ptr<FormulaSource> source(SampleType type, int bits, Formula formula,
                                        const PixelFormat& format = {SampleType::u8,
                                                                     ColourModel::grey}) {
    PixelFormat typed = format;
    typed.type = type;
    return std::make_shared<FormulaSource>(Levels{{50, 30}, {25, 15}}, Size{16, 8}, typed, bits,
                                           std::move(formula));
  }
  static ListedFrames alone(std::shared_ptr<const FormulaSource> source) {
    return ListedFrames({{"", 1, std::move(source)}});
  }

  std::string text(const Result<Bytes>& bytes) {
    EXPECT_TRUE(bytes) << bytes.error().message;
    if (!bytes) return {};
    return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
  }
  std::string spectrum(const Frames& frames, const SpectrumRequest& request) {
    return text(spectrum_xml(request, frames, context_));
  }
  std::string profile(const Frames& frames, const ProfileRequest& request) {
    return text(profile_json(request, frames, context_));
  }
  ErrorKind profile_refusal(const Frames& frames, const ProfileRequest& request) {
    const auto made = profile_json(request, frames, context_);
    EXPECT_FALSE(made);
    return made ? ErrorKind::internal : made.error().kind;
  }
  ErrorKind spectrum_refusal(const Frames& frames, const SpectrumRequest& request) {
    const auto made = spectrum_xml(request, frames, context_);
    EXPECT_FALSE(made);
    return made ? ErrorKind::internal : made.error().kind;
  }

  MemoryPool pool_{1U << 30U};
  MemoryBudget budget_{pool_, 1U << 30U};

 private:
  NoLog log_;
  Result<File> file_ = File::adopt(UniqueFd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC)));
  ReadContext context_{*file_, budget_, log_};
};

double place(std::int64_t x, std::int64_t y, int channel) {
  return static_cast<double>(x * 100 + y + channel * 10000);
}

std::string point(const std::string& wavelength, const std::string& reflectance) {
  return "\t<point>\n\t\t<wavelength>" + wavelength + "</wavelength>\n\t\t<reflectance>" +
         reflectance + "</reflectance>\n\t</point>\n";
}

std::string printed(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%f", value);
  return text;
}

std::string document(const std::string& points) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<spectra>\n" + points + "</spectra>";
}

// ---- SPECTRA ----

// Every pixel of every tile, by number of tile and place in it.
TEST_F(SampleValues, ASpectrumIsOfThePixelAskedFor) {
  const ListedFrames frames = alone(source(SampleType::u16, 16, place));
  for (std::uint64_t tile = 0; tile < 16; ++tile) {
    const std::int64_t left = static_cast<std::int64_t>(tile % 4) * 16;
    const std::int64_t top = static_cast<std::int64_t>(tile / 4) * 8;
    for (std::int64_t y = 0; y < std::min<std::int64_t>(8, 30 - top); ++y) {
      for (std::int64_t x = 0; x < std::min<std::int64_t>(16, 50 - left); ++x) {
        const SpectrumRequest request{
            {1, tile}, static_cast<std::uint64_t>(x), static_cast<std::uint64_t>(y)};
        EXPECT_EQ(spectrum(frames, request),
                  document(point("0", printed(place(left + x, top + y, 0) / 65535))));
      }
    }
  }
}

TEST_F(SampleValues, ReflectancesArePartsOfTheLargestValue) {
  struct Case {
    SampleType type;
    int bits;
    double value, offset;
    const char* text;
  };
  for (const Case& expected :
       {Case{SampleType::u8, 8, 51, 0, "0.200000"}, Case{SampleType::u8, 1, 255, 0, "1.000000"},
        Case{SampleType::u16, 16, 65535, 0, "1.000000"},
        Case{SampleType::u16, 12, 4095, 0, "1.000000"},
        Case{SampleType::u16, 10, 341, 0, "0.333333"},
        Case{SampleType::u16, 16, 65535, -32768, "1.000000"},
        Case{SampleType::u16, 16, 0, -32768, "-1.000031"},
        Case{SampleType::u32, 32, 4294967295, 0, "4294967295.000000"},
        Case{SampleType::f32, 32, -1.25, 0, "-1.250000"},
        Case{SampleType::f32, 32, std::nan(""), 0, "nan"}}) {
    auto pixels = source(expected.type, expected.bits,
                         [&](std::int64_t, std::int64_t, int) { return expected.value; });
    pixels->change_info().value_offset = expected.offset;
    EXPECT_EQ(spectrum(alone(pixels), {{0, 0}, 0, 0}), document(point("0", expected.text)));
  }
}

TEST_F(SampleValues, BandsOfOnePictureAreItsChannels) {
  PixelFormat bands{SampleType::u16, ColourModel::grey};
  bands.extra = 4;
  const auto pixels = source(SampleType::u16, 16, place, bands);
  std::string points;
  for (int c = 0; c < 5; ++c) points += point(std::to_string(c), printed(place(49, 29, c) / 65535));
  EXPECT_EQ(spectrum(alone(pixels), {{1, 15}, 1, 5}), document(points));
}

TEST_F(SampleValues, FramesHaveTheirNames) {
  const auto one = source(SampleType::u8, 8, [](auto, auto, int) { return 51; });
  const auto two = source(SampleType::f32, 32, [](auto, auto, int) { return 2.5; });
  const ListedFrames frames(
      {{"450 nm", 2, one}, {"", 1, two}, {"<&\x01>", 1, two}, {"450 nm", 1, two}});
  EXPECT_EQ(spectrum(frames, {{0, 0}, 3, 3}),
            document(point("450 nm", "0.200000") + point("1", "2.500000") +
                     point("&lt;&amp; &gt;", "2.500000") + point("3", "2.500000")));
}

TEST_F(SampleValues, PointsThatAreNotThere) {
  const ListedFrames frames = alone(source(SampleType::u8, 8, place));
  constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(spectrum_refusal(frames, {{1, 0}, 16, 0}), ErrorKind::malformed);
  EXPECT_EQ(spectrum_refusal(frames, {{1, 0}, 0, 8}), ErrorKind::malformed);
  EXPECT_EQ(spectrum_refusal(frames, {{1, 3}, 2, 0}), ErrorKind::malformed) << "a narrow tile";
  EXPECT_EQ(spectrum_refusal(frames, {{1, 12}, 0, 6}), ErrorKind::malformed) << "a low tile";
  EXPECT_EQ(spectrum_refusal(frames, {{1, 0}, kHuge, kHuge}), ErrorKind::malformed);
  EXPECT_EQ(spectrum_refusal(frames, {{1, 16}, 0, 0}), ErrorKind::not_found);
  EXPECT_EQ(spectrum_refusal(frames, {{2, 0}, 0, 0}), ErrorKind::not_found);
  EXPECT_EQ(spectrum_refusal(frames, {{kHuge, kHuge}, 0, 0}), ErrorKind::not_found);
}

// ---- PFL ----

TEST_F(SampleValues, ALineLeavesItsEndOut) {
  const ListedFrames frames = alone(source(SampleType::u16, 16, place));
  EXPECT_EQ(profile(frames, {1, 14, 7, 18, 7}), "{\n\t\"profile\": [1407,1507,1607,1707]\n}");
  EXPECT_EQ(profile(frames, {1, 3, 6, 3, 10}), "{\n\t\"profile\": [306,307,308,309]\n}");
  EXPECT_EQ(profile(frames, {1, 5, 5, 5, 5}), "{\n\t\"profile\": [505]\n}");
  EXPECT_EQ(profile(frames, {1, 2, 9, 0, 9}), "{\n\t\"profile\": [209,109]\n}") << "backwards";
  EXPECT_EQ(profile(frames, {0, 24, 14, 24, 15}), "{\n\t\"profile\": [2414]\n}");
  EXPECT_EQ(profile(frames, {1, 48, 29, 50, 29}), "{\n\t\"profile\": [4829,4929]\n}")
      << "up to the border";
}

// The pixels nearest to the line, one for each step along the longer axis.
TEST_F(SampleValues, AnyStraightLine) {
  const ListedFrames frames = alone(source(SampleType::u16, 16, place));
  for (const ProfileRequest& line :
       {ProfileRequest{1, 0, 0, 49, 29}, ProfileRequest{1, 49, 29, 0, 0},
        ProfileRequest{1, 0, 29, 29, 0}, ProfileRequest{1, 7, 3, 9, 29},
        ProfileRequest{1, 40, 20, 3, 25}, ProfileRequest{0, 0, 14, 24, 1}}) {
    const double across = static_cast<double>(line.x2) - static_cast<double>(line.x1);
    const double down = static_cast<double>(line.y2) - static_cast<double>(line.y1);
    const double steps = std::max(std::abs(across), std::abs(down));
    std::vector<double> expected;
    for (int i = 0; i < steps; ++i) {
      const double x = static_cast<double>(line.x1) + std::round(across * i / steps);
      const double y = static_cast<double>(line.y1) + std::round(down * i / steps);
      expected.push_back(x * 100 + y);
    }
    const auto parsed = nlohmann::json::parse(profile(frames, line));
    EXPECT_EQ(parsed["profile"].get<std::vector<double>>(), expected);
  }
}

TEST_F(SampleValues, AllChannelsOfEachPixel) {
  const PixelFormat rgba{SampleType::u16, ColourModel::rgb, true};
  const ListedFrames frames = alone(source(SampleType::u16, 16, place, rgba));
  EXPECT_EQ(profile(frames, {1, 47, 2, 49, 2}),
            "{\n\t\"profile\": [4702,14702,24702,34702,4802,14802,24802,34802]\n}");
}

TEST_F(SampleValues, NumbersAsTheFileMeansThem) {
  const auto of = [&](SampleType type, double offset, double scale, double value) {
    auto pixels = source(type, 16, [=](std::int64_t, std::int64_t, int) { return value; });
    pixels->change_info().value_offset = offset;
    return profile(ListedFrames({{"", scale, pixels}}), {0, 0, 0, 0, 0});
  };
  const auto list = [](const std::string& value) { return "{\n\t\"profile\": [" + value + "]\n}"; };
  EXPECT_EQ(of(SampleType::u8, 0, 1, 200), list("200"));
  EXPECT_EQ(of(SampleType::u16, -32768, 1, 0), list("-32768"));
  EXPECT_EQ(of(SampleType::u32, 0, 1, 4294967295.0), list("4294967295"));
  EXPECT_EQ(of(SampleType::u32, 0, 1, 100000), list("100000"));
  EXPECT_EQ(of(SampleType::u16, 0, 0.25, 5), list("1.25"));
  EXPECT_EQ(of(SampleType::f32, 0, 1, 0.1F), list("0.100000001"));
  EXPECT_EQ(of(SampleType::f32, 0, 2, -1.5), list("-3.000000000"));
  EXPECT_EQ(of(SampleType::f32, 0, 1, std::nan("")), list("null"));
  EXPECT_EQ(of(SampleType::f32, 0, 1, -std::numeric_limits<float>::infinity()), list("null"));
  EXPECT_EQ(of(SampleType::u8, 0, std::nan(""), 5), list("null"));
  EXPECT_EQ(of(SampleType::f32, 0, 1, 3e38F).size(), list("").size() + 39 + 1 + 9);
}

TEST_F(SampleValues, SeveralFramesAreMembers) {
  const auto one = source(SampleType::u8, 8, [](auto x, auto, int) { return double(x); });
  const auto two = source(SampleType::f32, 32, [](auto x, auto, int) { return double(x) / 2; });
  const ListedFrames frames(
      {{"a \"b\"\n", 2, one}, {"", 1, two}, {"", 1, one}, {"2", 1, one}, {"\xff", 1, one}});
  const std::string made = profile(frames, {1, 1, 1, 3, 1});
  EXPECT_EQ(made.substr(0, 53),
            "{\n\t\"profile\": {\n\t\t\"a \\\"b\\\"\\n\": [2,4],\n\t\t\"1\": [0.50000");
  EXPECT_EQ(made.substr(made.size() - 6), "]\n\t}\n}");
  const auto members = nlohmann::json::parse(made)["profile"];
  EXPECT_EQ(members.size(), 5U) << "each has a name of its own";
  EXPECT_EQ(members["2"], nlohmann::json::parse("[1,2]"));
}

TEST_F(SampleValues, LinesThatLeaveTheResolution) {
  const ListedFrames frames = alone(source(SampleType::u8, 8, place));
  constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();
  for (const ProfileRequest& line :
       {ProfileRequest{1, 0, 0, 51, 0}, ProfileRequest{1, 0, 0, 0, 31},
        ProfileRequest{1, 50, 0, 0, 0}, ProfileRequest{1, 0, 30, 0, 0},
        ProfileRequest{1, 50, 0, 50, 0}, ProfileRequest{1, 0, 0, kHuge, 0},
        ProfileRequest{1, kHuge, kHuge, 0, 0}, ProfileRequest{1, kHuge, kHuge, kHuge, kHuge},
        ProfileRequest{0, 0, 0, 26, 0}}) {
    EXPECT_EQ(profile_refusal(frames, line), ErrorKind::malformed) << line.x1 << " " << line.x2;
  }
  EXPECT_EQ(profile_refusal(frames, {2, 0, 0, 1, 0}), ErrorKind::not_found);
  EXPECT_EQ(profile_refusal(frames, {kHuge, 0, 0, 1, 0}), ErrorKind::not_found);
}

TEST_F(SampleValues, MoreValuesThanARequestMayAskFor) {
  const PixelFormat rgb{SampleType::u8, ColourModel::rgb};
  const auto wide =
      std::make_shared<FormulaSource>(Levels{{400000, 10}}, Size{256, 256}, rgb, 8, place);
  EXPECT_EQ(profile_refusal(alone(wide), {0, 0, 0, 400000, 0}), ErrorKind::too_large);
  EXPECT_EQ(profile_refusal(ListedFrames({{"", 1, wide}, {"", 1, wide}}), {0, 0, 0, 200000, 0}),
            ErrorKind::too_large);
}

// ---- Reading ----

TEST_F(SampleValues, NoMoreIsReadAtOnceThanATile) {
  const auto pixels = source(SampleType::u16, 16, place);
  profile(alone(pixels), {1, 0, 0, 50, 29});
  EXPECT_LE(pixels->largest_read, 16 * 8);
  EXPECT_GT(pixels->largest_read, 1);
  EXPECT_EQ(pool_.used(), 0U) << "all is given back";
}

TEST_F(SampleValues, ALineAcrossOneHugeTileIsReadInParts) {
  const PixelFormat grey{SampleType::u8, ColourModel::grey};
  const auto flat = std::make_shared<FormulaSource>(
      Levels{{20000, 20000}}, Size{20000, 20000}, grey, 8,
      [](std::int64_t x, std::int64_t, int) { return static_cast<double>(x % 251); });
  const auto parsed = nlohmann::json::parse(profile(alone(flat), {0, 0, 0, 20000, 20000}));
  EXPECT_LE(flat->largest_read, std::int64_t{24} << 20U);
  ASSERT_EQ(parsed["profile"].size(), 20000U);
  EXPECT_EQ(parsed["profile"][19999], 19999 % 251);
}

}  // namespace
}  // namespace iip
