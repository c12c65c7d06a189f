#include "engine/formats/tiff/pyramid.h"

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

// The most levels, each smaller than the one before: a side has 31 bits.
constexpr std::size_t kMostLevels = 32;
// The most directories that could be levels by themselves: many may have the same size.
constexpr std::size_t kMostCandidates = 128;

bool is_halved(std::int64_t full, std::int64_t small, int times) {
  const std::int64_t low = full >> times;
  const std::int64_t high = ceil_div(full, std::int64_t{1} << times);
  return small >= std::max<std::int64_t>(low - kSlack, 1) && small <= high + kSlack;
}

bool has_same_proportions(const Size& full, const Size& small) {
  const std::int64_t difference = std::abs(small.width * full.height - small.height * full.width);
  return difference <= kSlack * std::max(full.width, full.height);
}

Result<TiffPyramidLevel> read_level(
    const TiffDirectory& directory,
    TiffSampleFormat::Kind unstated = TiffSampleFormat::Kind::unsigned_integer) {
  Result<TiffImage> image = read_tiff_image(directory, unstated);
  if (!image) return pass_on(image);
  Result<TiffColour> colour = TiffColour::of(directory, *image);
  if (!colour) return pass_on(colour);
  return TiffPyramidLevel{std::move(*image), std::move(*colour), false};
}

// Samples of one meaning: 4 bits and 8, say, but not 12 and 16.
bool has_same_numbers(const TiffPyramidLevel& a, const TiffPyramidLevel& b) {
  return a.colour.format() == b.colour.format() &&
         a.image.sample.largest() == b.image.sample.largest() &&
         a.image.sample.offset() == b.image.sample.offset();
}

bool is_alike(const TiffImage& a, const TiffImage& b) {
  return a.size == b.size && a.samples == b.samples && a.sample == b.sample &&
         a.photometric == b.photometric;
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
  for (std::size_t i = first; i < directories.size() && levels.size() < kMostCandidates; ++i) {
    // libvips states the sample format of the full size only.
    Result<TiffPyramidLevel> level = read_level(directories[i], levels.front().image.sample.kind);
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
    if (kept.size() == kMostLevels) break;
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

Result<std::vector<TiffPyramidLevel>> read_tiff_pyramid(const std::vector<TiffDirectory>& chain,
                                                        std::size_t page, LogSink& log) {
  Result<TiffPyramidLevel> full = read_level(chain[page]);
  if (!full) return pass_on(full);
  std::vector<TiffPyramidLevel> levels;
  levels.push_back(std::move(*full));
  collect(chain[page].children(log), 0, levels, log);
  if (levels.size() == 1 && page == 0) {
    collect(chain, 1, levels, log);
    for (TiffPyramidLevel& level : levels) level.in_chain = true;
  }
  put_in_order(levels);
  return levels;
}

std::vector<std::size_t> find_tiff_pages(const std::vector<TiffDirectory>& chain,
                                         const std::vector<TiffPyramidLevel>& first) {
  const bool unmarked_too = first.size() == 1 || !first.back().in_chain;
  std::vector<std::size_t> pages{0};
  for (std::size_t i = 1; i < chain.size(); ++i) {
    const Result<TiffImage> image = read_tiff_image(chain[i]);
    if (!image || (image->subfile_type & (kReduced | kMask)) != 0) continue;
    const bool marked = (image->subfile_type & kPage) != 0;
    if (marked || (unmarked_too && is_alike(*image, first.front().image))) pages.push_back(i);
  }
  if (pages.size() == 1) pages.clear();
  return pages;
}

}  // namespace iip
