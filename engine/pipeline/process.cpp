#include "engine/pipeline/process.h"

#include <algorithm>
#include <cstddef>

#include "engine/pipeline/line_process.h"
#include "engine/pipeline/tone_table.h"

namespace iip {

PixelFormat processed_format(const Processing& processing, const PixelFormat& source, int bits) {
  int channels = source.model == ColourModel::cmyk ? 3 : source.colours();
  channels = processing.hillshade ? 1 : channels + source.extra;
  if (!processing.twist.empty()) {
    channels = static_cast<int>(std::min<std::size_t>(processing.twist.size(), 3));
  }
  const bool colour = processing.map != ColourMap::none || shows_colour(channels);
  return {bits == 32   ? SampleType::f32
          : bits == 16 ? SampleType::u16
                       : SampleType::u8,
          colour ? ColourModel::rgb : ColourModel::grey, source.alpha};
}

int context_of(const Processing& processing, int channels) {
  const int of_kernel = processing.kernel ? processing.kernel->side / 2 : 0;
  const int of_heights = processing.hillshade && !shows_colour(channels) ? 1 : 0;
  return of_kernel + of_heights;
}

Result<Raster> process(Raster input, const Rect& part, const ProcessingJob& job,
                       const Allowance& allowance) {
  const PixelFormat& format = input.format();
  const bool is_whole = part == Rect::of(input.size());
  const bool is_done = format.type == SampleType::u8 && job.bits == 8 && is_picture(format) &&
                       job.processing.is_neutral();
  if (is_whole && is_done) return input;
  return goes_by_table(format, job.processing) ? process_by_table(input, part, job, allowance)
                                               : process_by_lines(input, part, job, allowance);
}

}  // namespace iip
