#include "engine/source/tiff_pyramid.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace iip {

namespace {

// Bits of NewSubfileType.
constexpr std::uint64_t kReduced = 1;
constexpr std::uint64_t kPage = 2;
constexpr std::uint64_t kMask = 4;

// Repeated rounding may leave a side this far from the exact value.
constexpr std::int64_t kSlack = 2;

bool is_halved(std::int64_t full, std::int64_t small, int times) {
  const std::int64_t low = full >> times;
  const std::int64_t high = ceil_div(full, std::int64_t{1} << times);
  return small >= std::max<std::int64_t>(low - kSlack, 1) && small <= high + kSlack;
}

bool has_same_proportions(const Size& full, const Size& small) {
  const std::int64_t difference = std::abs(small.width * full.height - small.height * full.width);
  return difference <= kSlack * std::max(full.width, full.height);
}

Result<TiffPyramidLevel> read_level(const TiffDirectory& directory) {
  Result<TiffImage> image = read_tiff_image(directory);
  if (!image) return pass_on(image);
  Result<TiffColour> colour = TiffColour::of(directory, *image);
  if (!colour) return pass_on(colour);
  return TiffPyramidLevel{std::move(*image), std::move(*colour)};
}

// Samples of one meaning: 4 bits and 8, say, but not 12 and 16.
bool has_same_numbers(const TiffPyramidLevel& a, const TiffPyramidLevel& b) {
  return a.colour.format() == b.colour.format() &&
         a.image.sample.largest() == b.image.sample.largest() &&
         a.image.sample.offset() == b.image.sample.offset();
}

bool belongs_to(const TiffPyramidLevel& level, const TiffPyramidLevel& full) {
  const std::uint64_t type = level.image.subfile_type;
  if ((type & (kPage | kMask)) != 0) return false;
  if (full.image.tiled && !level.image.tiled) return false;
  if (!has_same_numbers(level, full)) return false;
  return is_reduced_size(full.image.size, level.image.size, (type & kReduced) != 0);
}

void collect(const std::vector<TiffDirectory>& directories, std::size_t first,
             std::vector<TiffPyramidLevel>& levels, LogSink& log) {
  for (std::size_t i = first; i < directories.size(); ++i) {
    Result<TiffPyramidLevel> level = read_level(directories[i]);
    if (level && belongs_to(*level, levels.front())) {
      levels.push_back(std::move(*level));
    } else if (log.enabled(LogLevel::debug)) {
      log.write(LogLevel::debug, "TIFF: directory " + std::to_string(i) + " is not a resolution" +
                                     (level ? "" : ": " + level.error().detail));
    }
  }
}

// From large to small, each within the one before it, none twice.
void put_in_order(std::vector<TiffPyramidLevel>& levels) {
  std::stable_sort(levels.begin(), levels.end(), [](const auto& a, const auto& b) {
    return a.image.size.area() > b.image.size.area();
  });
  std::vector<TiffPyramidLevel> kept;
  for (TiffPyramidLevel& level : levels) {
    const Size& size = level.image.size;
    if (!kept.empty()) {
      const Size& larger = kept.back().image.size;
      if (size == larger || size.width > larger.width || size.height > larger.height) continue;
    }
    kept.push_back(std::move(level));
  }
  levels = std::move(kept);
}

}  // namespace

bool is_reduced_size(const Size& full, const Size& small, bool marked) {
  if (small == full || small.width > full.width || small.height > full.height) return false;
  if (marked && has_same_proportions(full, small)) return true;
  for (int times = 1; times < 31; ++times) {
    if (is_halved(full.width, small.width, times) && is_halved(full.height, small.height, times)) {
      return true;
    }
  }
  return false;
}

Result<std::vector<TiffPyramidLevel>> read_tiff_pyramid(const TiffStructure& structure,
                                                        LogSink& log) {
  Result<TiffPyramidLevel> full = read_level(structure.chain.front());
  if (!full) return pass_on(full);
  std::vector<TiffPyramidLevel> levels;
  levels.push_back(std::move(*full));
  collect(structure.children, 0, levels, log);
  if (levels.size() == 1) collect(structure.chain, 1, levels, log);
  put_in_order(levels);
  return levels;
}

}  // namespace iip
