#include "engine/protocol/deepzoom.h"

#include <optional>

#include "engine/base/text.h"
#include "engine/protocol/tile_name.h"

namespace iip {

namespace {

std::optional<std::string_view> before_suffix(std::string_view text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return std::nullopt;
  return text.substr(0, text.size() - suffix.size());
}

std::optional<std::string_view> descriptor_of(std::string_view text) {
  const auto identifier = before_suffix(text, ".dzi");
  return identifier ? identifier : before_suffix(text, ".xml");
}

struct TilePath {
  std::string_view identifier, level, file;
};

std::optional<TilePath> split_tile_path(std::string_view text) {
  const std::string_view file = take_last_segment(text);
  const std::string_view level = take_last_segment(text);
  const auto identifier = before_suffix(text, "_files");
  if (!identifier) return std::nullopt;
  return TilePath{*identifier, level, file};
}

Result<Addressed> parse_tile(const TilePath& path) {
  const auto level = parse_unsigned(path.level);
  const auto name = parse_tile_name<2>(path.file, '_');
  if (!level || !name) {
    return fail(ErrorKind::malformed,
                "Not a DeepZoom tile: expected NAME_files/LEVEL/COLUMN_ROW.jpg (or .png)");
  }
  ImageRequest request;
  request.region = ComputedTile{ComputedTile::Pyramid::ceil_to_one_pixel, *level, name->numbers[0],
                                name->numbers[1]};
  request.format = name->format;
  return Addressed{path.identifier, request};
}

}  // namespace

bool is_deepzoom(std::string_view text) {
  return descriptor_of(text).has_value() || split_tile_path(text).has_value();
}

Result<Addressed> parse_deepzoom(std::string_view text) {
  // First the descriptor: its name may well lie in a folder that is called something_files.
  if (const auto identifier = descriptor_of(text)) {
    return Addressed{*identifier, InfoRequest{DeepZoomDescriptor{}}};
  }
  if (const auto path = split_tile_path(text)) return parse_tile(*path);
  return fail(ErrorKind::malformed,
              "Not a DeepZoom URL: expected NAME.dzi or NAME_files/LEVEL/COLUMN_ROW.jpg");
}

}  // namespace iip
