// Every stage asks the deadline as it goes, and ends when that is over.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/image/box_shrink.h"
#include "engine/pipeline/colour/colour_model.h"
#include "engine/pipeline/colour/srgb_transform.h"
#include "engine/pipeline/process.h"
#include "engine/pipeline/stages.h"
#include "engine/pipeline/watermark.h"
#include "support/counting_client.h"
#include "support/python.h"
#include "support/rasters.h"

namespace iip::test {
namespace {

constexpr Size kLarge{1500, 1000};
constexpr PixelFormat kDeep{SampleType::u16, ColourModel::rgb, false};
constexpr PixelFormat kFloat{SampleType::f32, ColourModel::rgb, true};
constexpr PixelFormat kInks{SampleType::u8, ColourModel::cmyk, false};
constexpr PixelFormat kLab{SampleType::f32, ColourModel::lab, false};

struct Stage {
  std::string name;
  PixelFormat format;
  std::function<Status(Raster, const Allowance&)> run;
};

template <class T>
Status status_of(const Result<T>& result) {
  if (result) return {};
  return tl::unexpected(result.error());
}

SampleScale scale_for(const PixelFormat& format) {
  const double full = format.type == SampleType::u8    ? 255
                      : format.type == SampleType::u16 ? 65535
                                                       : 1;
  return {std::vector<SampleRange>(static_cast<std::size_t>(format.shown_channels()), {0, full}), 0,
          full};
}

Stage scaling(const std::string& name, const PixelFormat& format, const RectF& part,
              const Size& size, Interpolation interpolation) {
  return {name, format, [=](Raster input, const Allowance& allowance) {
            return status_of(resample(std::move(input), part, size, interpolation, allowance));
          }};
}

Stage processing(const std::string& name, const PixelFormat& format, const Processing& how) {
  return {name, format, [=](Raster input, const Allowance& allowance) {
            const ProcessingJob job{how, scale_for(format)};
            return status_of(process(std::move(input), Rect::of(kLarge), job, allowance));
          }};
}

// One of colours.py's.
Bytes profile_of(const std::string& maker, const std::vector<std::string>& arguments) {
  const ScratchFolder folder;
  std::vector<std::string> all{maker};
  for (const std::string& argument : arguments) {
    all.push_back(argument == "FOLDER" ? folder.file("") : argument);
  }
  all.push_back(folder.file("icc"));
  run_python("tests/engine/pipeline/colours.py", all);
  return Bytes(read_file(folder.file("icc")));
}

Stage by_profile(const std::string& name, const PixelFormat& format, const Bytes& profile) {
  return {name, format, [=](Raster input, const Allowance& allowance) {
            const auto transform = SrgbTransform::create(profile, format);
            if (!transform) return Status(fail(ErrorKind::internal, "no transform"));
            return status_of(transform->convert({std::move(input), scale_for(format)}, allowance));
          }};
}

std::vector<Stage> stages() {
  const Bytes matrix = profile_of("profile", {"p3", "FOLDER"});
  const Bytes tables = profile_of("tables_profile", {});
  const RectF all{0, 0, 1500, 1000};
  Processing curved;
  curved.gamma = 2;
  Processing mapped;
  mapped.map = ColourMap::jet;
  Processing blurred;
  blurred.kernel = Kernel{3, {1, 1, 1, 1, 1, 1, 1, 1, 1}};
  Processing twisted;
  twisted.twist = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  return {
      scaling("smaller", kRgb, all, {700, 500}, Interpolation::bicubic),
      scaling("smaller, with alpha", kRgba, all, {700, 500}, Interpolation::lanczos),
      scaling("smaller, deep", kDeep, all, {700, 500}, Interpolation::bilinear),
      scaling("smaller, floats", kFloat, all, {700, 500}, Interpolation::bicubic),
      scaling("much smaller", kRgb, all, {15, 10}, Interpolation::bicubic),
      scaling("nearest", kRgb, all, {1400, 900}, Interpolation::nearest),
      scaling("a part", kRgb, {1, 1, 1400, 900}, {1400, 900}, Interpolation::bicubic),
      processing("by table", kDeep, curved),
      processing("by table, mapped", kDeep, mapped),
      processing("by lines", kFloat, curved),
      processing("convolved", kRgb, blurred),
      processing("twisted", kRgb, twisted),
      by_profile("a profile's matrix", kRgb, matrix),
      by_profile("a profile's matrix, deep", kDeep, matrix),
      by_profile("a profile's tables", kRgb, tables),
      by_profile("a profile's tables, deep", kDeep, tables),
      by_profile("a profile of inks", kInks, profile_of("profile", {"cmyk", "FOLDER"})),
      {"turned", kRgb,
       [](Raster input, const Allowance& allowance) {
         return status_of(rotate(std::move(input), 33, true, allowance));
       }},
      {"turned, deep", kDeep,
       [](Raster input, const Allowance& allowance) {
         return status_of(rotate(std::move(input), 33, false, allowance));
       }},
      {"a quarter", kRgb,
       [](Raster input, const Allowance& allowance) {
         return status_of(mirror_and_turn(std::move(input), true, 1, allowance));
       }},
      {"grey", kRgb,
       [](Raster input, const Allowance& allowance) {
         return status_of(to_grey(std::move(input), allowance));
       }},
      {"black and white", kGrey,
       [](Raster input, const Allowance& allowance) {
         return to_bitonal(input, 100, allowance.deadline);
       }},
      {"on white", kRgba,
       [](Raster input, const Allowance& allowance) {
         return status_of(flatten_on_white(std::move(input), allowance));
       }},
      {"inks", kInks,
       [](Raster input, const Allowance& allowance) {
         return status_of(cmyk_to_rgb({std::move(input), scale_for(kInks)}, allowance));
       }},
      {"lab", kLab,
       [](Raster input, const Allowance& allowance) {
         return status_of(lab_to_rgb({std::move(input), scale_for(kLab)}, kD50, allowance));
       }},
      {"measured", kRgb,
       [](Raster input, const Allowance& allowance) {
         return status_of(measure(input, scale_for(kRgb), allowance.deadline));
       }},
      {"marked", kRgb,
       [](Raster input, const Allowance& allowance) {
         Memory memory;
         const auto white = [](auto, auto, int) { return 255; };
         const Watermark mark =
             must(Watermark::from(make_raster({100, 100}, kGrey, memory, white), 8));
         return mark.lay_over(input, {{}, kLarge, Rect::of(kLarge), 100, 1, 1}, allowance.deadline);
       }},
      {"averaged", kRgb,
       [](Raster input, const Allowance& allowance) {
         return status_of(box_shrink(std::move(input), 3, 3, allowance));
       }},
  };
}

Raster input_of(const PixelFormat& format, Memory& memory) {
  Raster raster = must(Raster::create(kLarge, format, memory.budget));
  for (std::int64_t y = 0; y < kLarge.height; ++y) {
    std::fill_n(raster.row(y), raster.row_bytes(), std::uint8_t{0});
  }
  return raster;
}

TEST(StagesDeadline, IsAskedAllTheWhile) {
  for (const Stage& stage : stages()) {
    Memory memory;
    CountingClient client(CountingClient::kNever);
    Allowance allowance{memory.budget};
    allowance.deadline.watch(&client);
    EXPECT_TRUE(stage.run(input_of(stage.format, memory), allowance)) << stage.name;
    // A megabyte of samples at least: no more than a quarter of it goes by in between.
    EXPECT_GE(client.asked(), 3) << stage.name;
  }
}

TEST(StagesDeadline, EndsTheWork) {
  for (const Stage& stage : stages()) {
    Memory memory;
    CountingClient client(2);
    Allowance allowance{memory.budget};
    allowance.deadline.watch(&client);
    const Status stopped = stage.run(input_of(stage.format, memory), allowance);
    ASSERT_FALSE(stopped) << stage.name;
    EXPECT_EQ(stopped.error().kind, ErrorKind::client_gone) << stage.name;
    EXPECT_EQ(client.asked(), 2) << stage.name << " went on";
  }
}

}  // namespace
}  // namespace iip::test
