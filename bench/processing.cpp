// What processing costs, in processor time on one core.
//
//   processing FILE...
//
// FILEs are images of 16 bits, say, with tiles of 256 pixels. Prints the milliseconds that a tile
// of their full size takes as JPEG, plain, with contrast, gamma and a colour map, and converted to
// sRGB, and the ratio to the plain tile; and those of the hillshade of 1000 x 1000 heights that are
// floats.
#include <fcntl.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <memory>

#include "engine/formats/open_source.h"
#include "engine/pipeline/process.h"
#include "engine/service/picture.h"
#include "engine/source/source.h"

namespace {

using namespace iip;

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

double tile_time(const OpenImage& image, const ReadContext& context, const Processing& processing,
                 const Settings& settings = {}) {
  const std::int64_t tiles = image.info().levels[0].tile_count();
  return time_of(
      [&](int i) {
        ImageRequest request;
        request.region =
            NativeTile{image.info().levels.size() - 1, static_cast<std::uint64_t>(i % tiles)};
        request.processing = processing;
        const auto plan = make_plan(request, image.info(), settings);
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
    const ProcessingJob job{shade, full_scale(format)};
    sum += time_of(
        [&](int) {
          if (!process(std::move(*heights), Rect::of(kSize), job, budget)) sum = NAN;
        },
        1);
  }
  return sum / kRepeats;
}

bool measure(const char* path, MemoryBudget& budget, DerivedDataCache& kept) {
  auto file = File::adopt(UniqueFd(::open(path, O_RDONLY | O_CLOEXEC)));
  if (!file) {
    std::fprintf(stderr, "can not open %s\n", path);
    return false;
  }
  NoLog log;
  auto source = open_source({*file, budget, log});
  if (!source) {
    std::fprintf(stderr, "%s: %s\n", path, source.error().message.c_str());
    return false;
  }
  const OpenImage image(*source);
  const ReadContext context{*file, budget, log, {}, &kept};
  Processing processing;
  processing.contrast = 1.3;
  processing.gamma = 0.6;
  processing.map = ColourMap::jet;
  Settings srgb;
  srgb.colour = ColourPolicy::srgb;
  tile_time(image, context, processing);  // what is made once
  const double plain = tile_time(image, context, {});
  const double processed = tile_time(image, context, processing);
  const double converted = tile_time(image, context, {}, srgb);
  std::printf("%s\n  tile %.2f ms, processed %.2f ms (%.2f), sRGB %.2f ms (%.2f)\n", path, plain,
              processed, processed / plain, converted, converted / plain);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: processing FILE...\n");
    return 2;
  }
  MemoryPool pool(std::uint64_t{1} << 30U);
  MemoryBudget budget(pool, std::uint64_t{1} << 30U);
  DerivedDataCache kept(pool, std::uint64_t{1} << 28U);
  bool good = true;
  for (int i = 1; i < argc; ++i) good = measure(argv[i], budget, kept) && good;
  std::printf("hillshade of 1000 x 1000: %.2f ms\n", hillshade_time(budget));
  return good ? 0 : 1;
}
