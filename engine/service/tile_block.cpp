// The IIP stream form of several tiles (TIL). Each tile is
//
//   Tile,<resolution>,<index>,0/<length>: <type> <subtype> <JPEG data> CRLF
//
// where length counts the 8 bytes of type (2, JPEG) and subtype (4:2:0, tables in the data) as
// well, and tiles follow column by column.
#include <array>
#include <string>

#include "engine/image/presentation.h"
#include "engine/service/counted_answer.h"
#include "engine/service/picture.h"

namespace iip {

namespace {

constexpr std::array<std::uint8_t, 8> kJpegType = {2, 0, 0, 0, 0, 0x11, 0, 0};

// Enough for a screen of small tiles; a client that wants more asks again.
constexpr std::int64_t kMostTiles = 256;

// The rectangle of tiles that two corners span.
struct Block {
  std::int64_t left, right, top, bottom;  // inclusive

  std::int64_t count() const { return (right - left + 1) * (bottom - top + 1); }
};

Block block_between(std::int64_t first, std::int64_t last, std::int64_t columns) {
  const std::int64_t end = std::max(first, last);
  return {std::min(first % columns, end % columns), std::max(first % columns, end % columns),
          first / columns, end / columns};
}

Status add_body(CountedAnswer& answer, const Body& body, const File& file) {
  if (auto added = answer.add(body.bytes.span()); !added) return added;
  auto room = answer.extend(body.file_length);
  if (!room) return pass_on(room);
  return file.read_at(body.file_offset, *room);
}

Status add_tile(CountedAnswer& answer, std::uint64_t resolution, std::int64_t index,
                const Body& picture, const File& file) {
  const std::string head = "Tile," + std::to_string(resolution) + "," + std::to_string(index) +
                           ",0/" + std::to_string(kJpegType.size() + picture.length()) + ":";
  if (auto added = answer.add(head); !added) return added;
  if (auto added = answer.add(ByteSpan(kJpegType)); !added) return added;
  if (auto added = add_body(answer, picture, file); !added) return added;
  return answer.add("\r\n");
}

Result<Body> tile_picture(const TileBlockRequest& block, std::int64_t index, const OpenImage& image,
                          const Settings& settings, const ReadContext& context) {
  ImageRequest request;
  request.region = NativeTile{block.resolution, static_cast<std::uint64_t>(index)};
  request.layers = block.layers;
  const auto plan = make_plan(request, image.info(), settings);
  if (!plan) return tl::unexpected(plan.error());
  auto* memory = std::pmr::get_default_resource();
  auto stored = find_stored_picture(*plan, image, context, memory);
  if (!stored) return pass_on(stored);
  if (*stored) return std::move(**stored);
  auto bytes = make_picture(*plan, image, context);
  if (!bytes) return pass_on(bytes);
  return Body{std::pmr::string(memory), std::move(*bytes), 0, 0};
}

}  // namespace

Result<Bytes> make_tile_block(const TileBlockRequest& request, const OpenImage& image,
                              const Settings& settings, const ReadContext& context) {
  const ImageInfo& info = image.info();
  if (request.resolution >= info.levels.size()) {
    return fail(ErrorKind::not_found, "The image has no such resolution");
  }
  const Level level = native_level(info, info.level_of_resolution(request.resolution));
  const auto tiles = static_cast<std::uint64_t>(level.tile_count());
  if (request.first >= tiles || request.last >= tiles) {
    return fail(ErrorKind::not_found, "The resolution has no such tile");
  }
  const std::int64_t columns = level.tiles_across();
  const Block block = block_between(static_cast<std::int64_t>(request.first),
                                    static_cast<std::int64_t>(request.last), columns);
  if (block.count() > kMostTiles) {
    return fail(ErrorKind::too_large, "More tiles than one request may ask for (256)");
  }

  CountedAnswer answer(context.budget);
  for (std::int64_t column = block.left; column <= block.right; ++column) {
    for (std::int64_t row = block.top; row <= block.bottom; ++row) {
      if (auto in_time = context.deadline.check(); !in_time) return pass_on(in_time);
      const std::int64_t index = row * columns + column;
      auto picture = tile_picture(request, index, image, settings, context);
      if (!picture) return pass_on(picture);
      auto added = add_tile(answer, request.resolution, index, *picture, context.file);
      if (!added) return pass_on(added);
    }
  }
  return answer.take();
}

}  // namespace iip
