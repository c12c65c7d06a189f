// What random access to a plain JPEG file costs beside libjpeg's own way of reaching a place.
//
//   jpeg_access FILE
//
// Prints the processor time, in milliseconds, of: reading the index of the whole file, once per
// version of it; the first and the last 256x256 tile after that; and the last tile by decoding with
// libjpeg and throwing away what lies above it, as many readers do.
#include <fcntl.h>
#include <time.h>

// clang-format off
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <algorithm>
#include <vector>

#include "engine/formats/open_source.h"
#include "engine/source/source.h"

namespace {

double processor_milliseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

template <class Work>
double time_of(Work work, int repeats) {
  const double start = processor_milliseconds();
  for (int i = 0; i < repeats; ++i) work();
  return (processor_milliseconds() - start) / repeats;
}

void skip_to_the_end(const char* path, unsigned left) {
  std::FILE* file = std::fopen(path, "rb");
  jpeg_decompress_struct decompress{};
  jpeg_error_mgr errors{};
  decompress.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&decompress);
  jpeg_stdio_src(&decompress, file);
  jpeg_read_header(&decompress, TRUE);
  jpeg_start_decompress(&decompress);
  JDIMENSION x = left;
  JDIMENSION width = 256;
  jpeg_crop_scanline(&decompress, &x, &width);
  jpeg_skip_scanlines(&decompress, decompress.output_height - 256);
  std::vector<JSAMPLE> line(std::size_t{decompress.output_width} * 3);
  JSAMPROW row = line.data();
  while (decompress.output_scanline < decompress.output_height) {
    jpeg_read_scanlines(&decompress, &row, 1);
  }
  jpeg_destroy_decompress(&decompress);
  std::fclose(file);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 1;
  auto file = iip::File::adopt(iip::UniqueFd(::open(arguments[1], O_RDONLY | O_CLOEXEC)));
  if (!file) return 1;
  iip::NoLog log;
  iip::MemoryPool pool(std::uint64_t{1} << 30);
  iip::MemoryBudget budget(pool, std::uint64_t{1} << 30);
  auto source = iip::open_source({*file, budget, log});
  if (!source) return 1;
  const iip::ReadContext context{*file, budget, log};
  const iip::Size size = (*source)->info().size();
  bool served = true;
  const auto read = [&](const iip::Rect& rect) {
    served = (*source)->read(context, 0, rect).has_value() && served;
  };
  const iip::Rect first{0, 0, 256, 256};
  const iip::Rect last{size.width - 256, size.height - 256, 256, 256};
  std::printf("%ld x %ld\n", static_cast<long>(size.width), static_cast<long>(size.height));
  std::printf("index and last tile %9.2f\n", time_of([&] { read(last); }, 1));
  std::printf("first tile          %9.2f\n", time_of([&] { read(first); }, 50));
  std::printf("last tile           %9.2f\n", time_of([&] { read(last); }, 50));
  const auto left = static_cast<unsigned>(last.x);
  std::printf("last by skipping    %9.2f\n",
              time_of([&] { skip_to_the_end(arguments[1], left); }, 1));
  return served ? 0 : 1;
}
