#include "jp2_properties.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "engine/source/j2k_excerpt.h"
#include "engine/source/j2k_header.h"
#include "engine/source/j2k_limits.h"
#include "engine/source/j2k_region.h"
#include "engine/source/j2k_tile_index.h"
#include "engine/source/j2k_tile_parts.h"
#include "engine/source/jp2_boxes.h"
#include "engine/source/jp2_colour.h"

namespace iip {

namespace {

constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 38;
constexpr std::uint64_t kMostBytes = std::uint64_t{4} << 20;  // keeps single runs short

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

template <class T>
bool went_well(const Result<T>& result) {
  check(result || result.error().kind == ErrorKind::corrupt ||
            result.error().kind == ErrorKind::unsupported ||
            result.error().kind == ErrorKind::too_large,
        "an error of a kind that a file can not cause");
  return result.has_value();
}

File file_of(const std::uint8_t* data, std::size_t size) {
  UniqueFd memory(::memfd_create("fuzz", MFD_CLOEXEC));
  check(::write(memory.get(), data, size) == static_cast<ssize_t>(size), "memfd");
  Result<File> file = File::adopt(std::move(memory));
  check(file.has_value(), "memfd");
  return std::move(*file);
}

struct Headers {
  Jp2Boxes boxes;
  J2kHeader header;
};

std::optional<Headers> read_headers(const File& file) {
  Result<Jp2Boxes> boxes = read_jp2_boxes(file, 1000);
  if (!went_well(boxes)) return std::nullopt;
  check(boxes->codestream_offset + boxes->codestream_length <= file.size(),
        "a codestream beyond the file");
  Result<J2kHeader> header =
      read_j2k_header(file, boxes->codestream_offset, boxes->codestream_length);
  if (!went_well(header)) return std::nullopt;
  if (!went_well(check_j2k_limits(*header, kMostPixels, boxes->codestream_length))) {
    return std::nullopt;
  }
  return Headers{std::move(*boxes), std::move(*header)};
}

void check_excerpt(const File& file, const J2kHeader& header, const J2kTileIndex& tile,
                   const Rect& area, int reduce) {
  const auto excerpt = make_j2k_excerpt(file, header, tile, area, reduce, 0, kMostBytes);
  if (!went_well(excerpt)) return;
  const auto parsed = parse_j2k_header(excerpt->codestream);
  check(parsed && *parsed, "an excerpt without a header that can be read");
  check((*parsed)->canvas == excerpt->header.canvas, "an excerpt of another canvas");
  check(intersect(excerpt->area, excerpt->header.canvas) == excerpt->area,
        "an area outside the canvas");
  check(excerpt->area.size() == area.size(), "an area of another size");
}

class Silence : public LogSink {
 public:
  bool enabled(LogLevel) const override { return false; }
  void write(LogLevel, std::string_view) override {}
};

void check_region(const ReadContext& context, const J2kHeader& header, const J2kTileIndex& tile,
                  const Rect& area, int reduce) {
  if (tile.coding().levels() < reduce || !has_decodable_blocks(header, tile.coding())) return;
  auto picture = J2kPicture::blank(header, area, context.budget);
  if (!went_well(picture)) return;
  const std::vector<bool> all(header.components.size(), true);
  const Status status = decode_j2k_region(context, header, tile, reduce, area, all, *picture);
  if (!went_well(status)) return;
  for (const J2kPlane& plane : picture->planes()) {
    const std::int32_t least = plane.is_signed ? -(1 << (plane.bits - 1)) : 0;
    const std::int32_t most = least + (1 << plane.bits) - 1;
    for (std::int64_t i = 0; i < plane.width * plane.height; ++i) {
      check(plane.samples[i] >= least && plane.samples[i] <= most, "a sample out of range");
    }
  }
}

}  // namespace

void check_jp2_header(const std::uint8_t* data, std::size_t size) {
  const File file = file_of(data, size);
  const auto headers = read_headers(file);
  if (!headers) return;
  went_well(Jp2Colour::of(headers->boxes, headers->header));
  const auto cost = estimate_j2k_decode(headers->header, headers->header.canvas, 0,
                                        headers->boxes.codestream_length);
  check(cost > 0, "a decode that costs nothing");
}

void check_jp2_excerpts(const std::uint8_t* data, std::size_t size) {
  const File file = file_of(data, size);
  const auto headers = read_headers(file);
  if (!headers) return;
  const J2kHeader& header = headers->header;
  MemoryPool pool(4 * kMostBytes);
  MemoryBudget budget(pool, pool.limit());
  Silence log;
  const ReadContext context{file, budget, log};
  const auto parts =
      J2kTileParts::find(file, {headers->boxes.codestream_offset, headers->boxes.codestream_length},
                         header, budget, {});
  if (!went_well(parts)) return;
  for (const std::int64_t number :
       {std::int64_t{0}, header.tiles_across() * header.tiles_down() - 1}) {
    const auto tile = read_tile_headers(file, header, (*parts)->of_tile(number));
    if (!went_well(tile)) continue;
    const Rect rect = header.tile_rect(number);
    const auto index = J2kTileIndex::make(file, header, *tile, rect, kMostBytes, budget, {});
    if (!went_well(index)) continue;
    for (int reduce = 0; reduce <= std::min(header.levels(), 6); reduce += 2) {
      const std::int64_t step = std::int64_t{1} << reduce;
      const Rect area{ceil_div(rect.x, step), ceil_div(rect.y, step),
                      ceil_div(rect.right(), step) - ceil_div(rect.x, step),
                      ceil_div(rect.bottom(), step) - ceil_div(rect.y, step)};
      const Rect part =
          intersect(area, {area.x + area.width / 2, area.y + area.height / 2, 20, 20});
      if (part.empty()) continue;
      check_excerpt(file, header, **index, part, reduce);
      check_region(context, header, **index, part, reduce);
    }
  }
}

}  // namespace iip
