// What processing costs, in processor time on one core.
//
//   processing FILE
//
// FILE is an image of 16 bits with tiles of 256 pixels. Prints the milliseconds that a tile of its
// full size takes as JPEG, plain and with contrast, gamma and a colour map, and their ratio; and
// those of the hillshade of 1000 x 1000 heights that are floats.
#include <fcntl.h>
#include <time.h>

#include <cmath>
#include <cstdio>

#include "engine/pipeline/process.h"
#include "engine/service/picture.h"
#include "engine/source/source.h"

namespace {

using namespace iip;

class Silence : public LogSink {
 public:
  bool enabled(LogLevel) const override { return false; }
  void write(LogLevel, std::string_view) override {}
};

double processor_milliseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

template <class Work>
double time_of(Work work, int repeats) {
  const double start = processor_milliseconds();
  for (int i = 0; i < repeats; ++i) work(i);
  return (processor_milliseconds() - start) / repeats;
}

double tile_time(const OpenImage& image, const ReadContext& context, const Processing& processing) {
  const std::int64_t tiles = image.info().levels[0].tile_count();
  return time_of(
      [&](int i) {
        ImageRequest request;
        request.region =
            NativeTile{image.info().levels.size() - 1, static_cast<std::uint64_t>(i % tiles)};
        request.processing = processing;
        const auto plan = make_plan(request, image.info(), Settings{});
        if (!plan || !make_picture(*plan, image, context)) std::fprintf(stderr, "no picture\n");
      },
      400);
}

double hillshade_time(MemoryBudget& budget) {
  constexpr Size kSize{1000, 1000};
  const PixelFormat format{SampleType::f32, ColourModel::grey, false};
  Processing shade;
  shade.hillshade = Hillshade{315, 45};
  double sum = 0;
  constexpr int kRepeats = 20;
  for (int i = 0; i < kRepeats; ++i) {
    auto heights = Raster::create(kSize, format, budget);
    if (!heights) return NAN;
    for (std::int64_t y = 0; y < kSize.height; ++y) {
      float x = 0;
      for (float& height : heights->samples<float>(y)) {
        height = 20 * std::sin(x / 30) * std::cos(static_cast<float>(y) / 40);
        ++x;
      }
    }
    const ProcessOrder order{shade, full_scale(format)};
    sum += time_of(
        [&](int) {
          if (!process(std::move(*heights), Rect::of(kSize), order, budget)) sum = NAN;
        },
        1);
  }
  return sum / kRepeats;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: processing FILE\n");
    return 2;
  }
  auto file = File::adopt(UniqueFd(::open(argv[1], O_RDONLY | O_CLOEXEC)));
  if (!file) {
    std::fprintf(stderr, "can not open %s\n", argv[1]);
    return 1;
  }
  Silence log;
  MemoryPool pool(std::uint64_t{1} << 30U);
  MemoryBudget budget(pool, std::uint64_t{1} << 30U);
  auto source = open_source(*file, SourceLimits{}, log);
  if (!source) {
    std::fprintf(stderr, "%s\n", source.error().message.c_str());
    return 1;
  }
  const OpenImage image(*source);
  const ReadContext context{*file, budget, log};
  Processing processing;
  processing.contrast = 1.3;
  processing.gamma = 0.6;
  processing.map = ColourMap::jet;
  tile_time(image, context, processing);
  const double plain = tile_time(image, context, {});
  const double processed = tile_time(image, context, processing);
  std::printf("tile %.2f ms, processed %.2f ms, ratio %.2f\n", plain, processed, processed / plain);
  std::printf("hillshade of 1000 x 1000: %.2f ms\n", hillshade_time(budget));
  return 0;
}
