// ImageInfo: what an image is, as far as anyone but its decoder needs to know. Made once per
// version of a file, then shared by all requests and their threads; never changed.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/file.h"
#include "engine/image/geometry.h"
#include "engine/image/raster.h"

namespace iip {

// One resolution of the image. levels[0] is the full size, the following ones are ever smaller.
struct Level {
  Size size;
  Size tile;  // what the source reads at a time; for an untiled image a strip or the whole level

  std::int64_t tiles_across() const { return ceil_div(size.width, tile.width); }
  std::int64_t tiles_down() const { return ceil_div(size.height, tile.height); }
  std::int64_t tile_count() const { return tiles_across() * tiles_down(); }
  // Where tile `index` (row-major) lies in the level, cut at the right and bottom edges.
  Rect tile_rect(std::int64_t index) const {
    const Rect whole{index % tiles_across() * tile.width, index / tiles_across() * tile.height,
                     tile.width, tile.height};
    return intersect(whole, Rect::of(size));
  }
};

// Pixels per metre along each axis, and the unit the file states them in.
struct Density {
  enum class Unit : std::uint8_t { unknown, inch, centimetre };
  double x = 0;
  double y = 0;
  Unit unit = Unit::unknown;
};

// What the file says of itself; each text is UTF-8 or cleaned to it, empty where absent.
struct Metadata {
  std::string title, creator, rights, description, date, software, make, model, page_name;
  std::string xmp;  // the packet as it is in the file
  Bytes exif;       // a TIFF structure, without the "Exif" identifier before it
  Bytes iptc;       // IIM records
};

// One page of a stack: an image of its own in the same file.
struct Page {
  std::string name;  // UTF-8 or cleaned to it; empty where the file gives none
  double scale = 1;  // by which values are to be multiplied
};

// The pages of a file, in order; the images of all of them share one list. Empty: it is no stack.
class Pages {
 public:
  Pages() = default;
  Pages(std::vector<Page> pages)  // NOLINT(google-explicit-constructor)
      : pages_(std::make_shared<const std::vector<Page>>(std::move(pages))) {}
  Pages(std::initializer_list<Page> pages) : Pages(std::vector<Page>(pages)) {}

  std::size_t size() const { return pages_ ? pages_->size() : 0; }
  bool empty() const { return size() == 0; }
  const Page& operator[](std::size_t index) const { return (*pages_)[index]; }
  const Page* begin() const { return pages_ ? pages_->data() : nullptr; }
  const Page* end() const { return begin() + size(); }

 private:
  std::shared_ptr<const std::vector<Page>> pages_;
};

// CIE x and y.
struct Chromaticity {
  double x = 0;
  double y = 0;
};

// The values that are shown as black and as white, in the file's own terms (value_offset added),
// those of fewer than 8 bits spread over 0..255 like the pixels. Of floats that are darker the
// larger they are, min is above max.
struct SampleRange {
  double min = 0;
  double max = 255;
};

struct ImageInfo {
  FileVersion version;
  std::vector<Level> levels;        // at least one
  PixelFormat format;               // of the rasters that read() gives
  int stored_channels = 3;          // in the file, for those who ask (a palette image has 1)
  int stored_bits = 8;              // bits per channel in the file; alpha in u16 and u32 runs to
                                    // 2^stored_bits - 1, in f32 to 1
  double value_offset = 0;          // what the file means by a sample of 0 (of signed integers)
  int layers = 1;                   // quality layers
  bool tiled = true;                // false: reading any part costs a strip or the whole image
  std::vector<SampleRange> ranges;  // one per channel of `format` without alpha
  std::optional<Chromaticity> lab_white;  // what L*a*b* is relative to; none: D50
  Pages pages;
  std::size_t page = 0;  // which of the pages this image is
  std::optional<Density> density;
  Metadata metadata;
  Bytes icc_profile;
  std::string_view type_name;  // "TIFF", "JPEG 2000", ...

  // Channels without alpha. Of three or more the first three are shown, in colour; else the first,
  // in grey.
  int shown_channels() const { return format.shown_channels(); }
  bool is_shown_in_colour() const { return shown_channels() >= 3; }
  const Size& size() const { return levels.front().size; }
  // IIP counts resolutions from the smallest (0) upwards.
  std::size_t level_of_resolution(std::size_t resolution) const {
    return levels.size() - 1 - resolution;
  }

  // The memory that it holds, about.
  std::uint64_t bytes() const;
};

}  // namespace iip
