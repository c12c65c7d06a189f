#include "engine/protocol/zoomify.h"

#include <optional>

#include "engine/base/text.h"
#include "engine/protocol/tile_name.h"

namespace iip {

namespace {

std::optional<std::string_view> properties_of(std::string_view text) {
  if (take_last_segment(text) != "ImageProperties.xml") return std::nullopt;
  return text;
}

bool is_tile_group(std::string_view segment) {
  constexpr std::string_view kTileGroup = "TileGroup";
  return segment.starts_with(kTileGroup) && parse_unsigned(segment.substr(kTileGroup.size()));
}

struct TilePath {
  std::string_view identifier, file;
};

std::optional<TilePath> split_tile_path(std::string_view text) {
  const std::string_view file = take_last_segment(text);
  if (!is_tile_group(take_last_segment(text))) return std::nullopt;
  return TilePath{text, file};
}

Result<Addressed> parse_tile(const TilePath& path) {
  const auto name = parse_tile_name<3>(path.file, '-');
  if (!name) {
    return fail(ErrorKind::malformed,
                "Not a Zoomify tile: expected NAME/TileGroup0/TIER-COLUMN-ROW.jpg (or .png)");
  }
  ImageRequest request;
  request.region = ComputedTile{ComputedTile::Pyramid::floor_to_one_tile, name->numbers[0],
                                name->numbers[1], name->numbers[2]};
  request.format = name->format;
  return Addressed{path.identifier, request};
}

}  // namespace

bool is_zoomify(std::string_view text) {
  return properties_of(text).has_value() || split_tile_path(text).has_value();
}

Result<Addressed> parse_zoomify(std::string_view text) {
  if (const auto identifier = properties_of(text)) {
    return Addressed{*identifier, InfoRequest{ZoomifyProperties{}}};
  }
  if (const auto path = split_tile_path(text)) return parse_tile(*path);
  return fail(ErrorKind::malformed,
              "Not a Zoomify URL: expected NAME/ImageProperties.xml or "
              "NAME/TileGroup0/TIER-COLUMN-ROW.jpg");
}

}  // namespace iip
