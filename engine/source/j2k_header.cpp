#include "engine/source/j2k_header.h"

#include <algorithm>
#include <string>

#include "engine/source/big_endian.h"
#include "engine/source/jpeg2000_errors.h"

namespace iip {

namespace {

// TLM of a file with the most tiles there can be, and comments beside it.
constexpr std::uint64_t kMostHeaderBytes = std::uint64_t{2} << 20;
constexpr std::uint64_t kFirstRead = 8192;
constexpr std::uint64_t kMostComponents = 64;
constexpr std::int64_t kMostTiles = 65535;

Status check_component(const J2kComponent& component) {
  constexpr int kMostBits = 38;
  if (component.dx == 0 || component.dy == 0)
    return damaged_codestream("a component without samples");
  if (component.bits > kMostBits) return damaged_codestream("a component of too many bits");
  return {};
}

Status check_grid(const J2kHeader& header) {
  const Rect& canvas = header.canvas;
  const Rect& tile = header.tile;
  if (canvas.empty() || tile.empty()) return damaged_codestream("an image or tile without area");
  if (tile.x > canvas.x || tile.y > canvas.y || tile.right() <= canvas.x ||
      tile.bottom() <= canvas.y) {
    return damaged_codestream("the first tile lies outside the image");
  }
  // Each factor is below 2^32, and so is their product where both are checked first.
  if (header.tiles_across() > kMostTiles || header.tiles_down() > kMostTiles ||
      header.tiles_across() * header.tiles_down() > kMostTiles) {
    return damaged_codestream("more than 65535 tiles");
  }
  return {};
}

Status read_size(ByteSpan content, J2kHeader& header) {
  BigEndianReader reader(content);
  header.capabilities = static_cast<std::uint16_t>(reader.number(2));
  const std::int64_t right = reader.integer(4);
  const std::int64_t bottom = reader.integer(4);
  header.canvas.x = reader.integer(4);
  header.canvas.y = reader.integer(4);
  header.canvas.width = right - header.canvas.x;
  header.canvas.height = bottom - header.canvas.y;
  header.tile.width = reader.integer(4);
  header.tile.height = reader.integer(4);
  header.tile.x = reader.integer(4);
  header.tile.y = reader.integer(4);
  const std::uint64_t count = reader.number(2);
  if (reader.failed() || count == 0 || reader.left() != count * 3) {
    return damaged_codestream("SIZ does not have the length that it states");
  }
  if (count > kMostComponents) {
    return fail(ErrorKind::too_large, "The image has more components than this server reads",
                "JPEG 2000: " + std::to_string(count) + " components");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint8_t depth = reader.byte();
    J2kComponent component;
    component.bits = (depth & 0x7F) + 1;
    component.is_signed = (depth & 0x80) != 0;
    component.dx = reader.byte();
    component.dy = reader.byte();
    Status status = check_component(component);
    if (!status) return status;
    header.components.push_back(component);
  }
  header.coding.components.resize(header.components.size());
  return check_grid(header);
}

// The part that COD and COC share. `own_precincts`: their sizes follow.
Status read_component_coding(BigEndianReader& reader, bool own_precincts,
                             J2kComponentCoding& coding) {
  constexpr int kMostLevels = 32;
  constexpr std::uint8_t kLargestPrecinct = 0xFF;
  coding.levels = reader.byte();
  coding.block_width_log2 = reader.byte() + 2;
  coding.block_height_log2 = reader.byte() + 2;
  coding.block_style = reader.byte();
  const std::uint8_t transform = reader.byte();
  coding.reversible = transform == 1;
  if (coding.levels > kMostLevels) return damaged_codestream("more than 32 levels");
  if (coding.block_width_log2 > 10 || coding.block_height_log2 > 10 ||
      coding.block_width_log2 + coding.block_height_log2 > 12) {
    return damaged_codestream("code-blocks of a size that is not allowed");
  }
  if (coding.block_style > 0x7F) return unsupported_codestream("code-blocks in a style of Part 2");
  if (transform > 1) return unsupported_codestream("a wavelet of Part 2");
  coding.precincts.fill(kLargestPrecinct);
  if (own_precincts) {
    for (int r = 0; r <= coding.levels; ++r) {
      const std::uint8_t precinct = reader.byte();
      // A precinct of a resolution with three bands is halved for each of them.
      if (r > 0 && ((precinct & 0x0F) == 0 || precinct >> 4U == 0)) {
        return damaged_codestream("precincts without area");
      }
      coding.precincts[static_cast<std::size_t>(r)] = precinct;
    }
  }
  if (reader.failed()) return damaged_codestream("COD or COC is cut short");
  return {};
}

void copy_coding(const J2kComponentCoding& from, J2kComponentCoding& to) {
  ByteVector quantisation = std::move(to.quantisation);
  const int shift = to.region_shift;
  to = from;
  to.quantisation = std::move(quantisation);
  to.region_shift = shift;
}

bool has_all_steps(const J2kComponentCoding& coding) {
  if (coding.quantisation.empty()) return false;
  const int style = coding.quantisation[0] & 0x1F;
  const int band_count = 3 * coding.levels + 1;
  const auto bands = static_cast<std::size_t>(band_count);
  const std::size_t bytes = coding.quantisation.size() - 1;
  if (style == 0) return bytes >= bands;
  if (style == 1) return bytes >= 2;
  return style == 2 && bytes >= 2 * bands;
}

// Between the markers of the main header.
class MainHeaderReader {
 public:
  Result<std::optional<J2kHeader>> read(ByteSpan bytes);

 private:
  Status read_segment(J2kMarker marker, ByteSpan content);
  Status finish();

  J2kHeader header_;
  std::optional<J2kSegments> segments_;
};

Status MainHeaderReader::read_segment(J2kMarker marker, ByteSpan content) {
  switch (marker) {
    case J2kMarker::size:
      if (segments_) return damaged_codestream("a second SIZ");
      if (Status status = read_size(content, header_); !status) return status;
      segments_.emplace(header_.coding, header_.components);
      return {};
    case J2kMarker::capabilities:
      header_.extended_capabilities.assign(content.begin(), content.end());
      return {};
    case J2kMarker::packed_headers_main:
      header_.has_packed_headers = true;
      return {};
    default:
      return segments_->read(marker, content);
  }
}

Status MainHeaderReader::finish() {
  if (!segments_ || !segments_->has_coding() || !segments_->has_quantisation()) {
    return damaged_codestream("the header lacks SIZ, COD or QCD");
  }
  return check_j2k_coding(header_.coding);
}

Result<std::optional<J2kHeader>> MainHeaderReader::read(ByteSpan bytes) {
  BigEndianReader reader(bytes);
  const auto start = static_cast<J2kMarker>(reader.number(2));
  if (reader.failed()) return std::nullopt;
  if (start != J2kMarker::start_of_codestream)
    return damaged_codestream("no codestream where one should be");
  for (;;) {
    const std::size_t at = bytes.size() - reader.left();
    const auto marker = static_cast<J2kMarker>(reader.number(2));
    if (reader.failed()) return std::nullopt;
    if (marker == J2kMarker::start_of_tile_part) {
      Status status = finish();
      if (!status) return pass_on(status);
      header_.length = at;
      return std::optional(std::move(header_));
    }
    if (static_cast<unsigned>(marker) < 0xFF00U || marker == J2kMarker::end_of_codestream) {
      return damaged_codestream("no marker at " + std::to_string(at));
    }
    if (!segments_ && marker != J2kMarker::size)
      return damaged_codestream("SIZ does not come first");
    const std::uint64_t length = reader.number(2);
    if (reader.failed()) return std::nullopt;
    if (length < 2) return damaged_codestream("a segment without length at " + std::to_string(at));
    const ByteSpan content = reader.bytes(length - 2);
    if (reader.failed()) return std::nullopt;
    if (marker == J2kMarker::tile_part_lengths) {
      header_.part_lengths.push_back({at + 4, length - 2});
      continue;
    }
    Status status = read_segment(marker, content);
    if (!status) return pass_on(status);
  }
}

}  // namespace

Status check_j2k_coding(const J2kCoding& coding) {
  if (coding.multiple_component_transform && coding.components.size() < 3) {
    return damaged_codestream("a transform of three components, of which there are less");
  }
  for (const J2kComponentCoding& component : coding.components) {
    if (!has_all_steps(component)) return damaged_codestream("a band without a quantisation step");
  }
  return {};
}

Rect J2kHeader::tile_rect(std::int64_t index) const {
  const std::int64_t columns = tiles_across();
  return intersect({tile.x + index % columns * tile.width, tile.y + index / columns * tile.height,
                    tile.width, tile.height},
                   canvas);
}

Rect J2kHeader::tiles_around(const Rect& area) const {
  const std::int64_t left = (area.x - tile.x) / tile.width * tile.width + tile.x;
  const std::int64_t top = (area.y - tile.y) / tile.height * tile.height + tile.y;
  const std::int64_t right = ceil_div(area.right() - tile.x, tile.width) * tile.width + tile.x;
  const std::int64_t bottom = ceil_div(area.bottom() - tile.y, tile.height) * tile.height + tile.y;
  return intersect({left, top, right - left, bottom - top}, canvas);
}

bool J2kHeader::is_high_throughput() const {
  return std::any_of(coding.components.begin(), coding.components.end(), [](const auto& of) {
    return (of.block_style & J2kComponentCoding::kHighThroughput) != 0;
  });
}

int J2kCoding::levels() const {
  int least = 32;
  for (const J2kComponentCoding& of : components) least = std::min(least, of.levels);
  return least;
}

J2kSegments::J2kSegments(J2kCoding& coding, const std::vector<J2kComponent>& components)
    : coding_(coding),
      components_(components),
      has_own_coding_(components.size()),
      has_own_quantisation_(components.size()) {}

Status J2kSegments::read(J2kMarker marker, ByteSpan content) {
  switch (marker) {
    case J2kMarker::coding_default:
      return read_coding_default(content);
    case J2kMarker::coding_component:
      return read_coding_component(content);
    case J2kMarker::quantisation_default:
      return read_quantisation_default(content);
    case J2kMarker::quantisation_component:
      return read_quantisation_component(content);
    case J2kMarker::region_of_interest:
      return read_region_of_interest(content);
    case J2kMarker::progression_change:
      return read_progression_changes(content);
    default:
      return {};
  }
}

Status J2kSegments::read_coding_default(ByteSpan content) {
  enum Flag { kOwnPrecincts = 1, kPacketStarts = 2, kPacketHeaderEnds = 4 };
  BigEndianReader reader(content);
  const std::uint8_t flags = reader.byte();
  const std::uint8_t progression = reader.byte();
  coding_.layers = static_cast<int>(reader.number(2));
  const std::uint8_t transform = reader.byte();
  if (has_coding_) return damaged_codestream("a second COD");
  if (progression > 4) return damaged_codestream("an unknown progression");
  if (coding_.layers == 0) return damaged_codestream("no layers");
  if (transform > 1) return unsupported_codestream("a component transform of Part 2");
  coding_.progression = static_cast<J2kProgression>(progression);
  coding_.multiple_component_transform = transform == 1;
  coding_.may_have_packet_starts = (flags & kPacketStarts) != 0;
  coding_.has_packet_header_ends = (flags & kPacketHeaderEnds) != 0;
  J2kComponentCoding coding;
  Status status = read_component_coding(reader, (flags & kOwnPrecincts) != 0, coding);
  if (!status) return status;
  for (std::size_t i = 0; i < components_.size(); ++i) {
    if (!has_own_coding_[i]) copy_coding(coding, coding_.components[i]);
  }
  has_coding_ = true;
  return {};
}

Status J2kSegments::read_coding_component(ByteSpan content) {
  BigEndianReader reader(content);
  const std::size_t component = reader.number(components_.size() < 257 ? 1 : 2);
  const std::uint8_t flags = reader.byte();
  if (reader.failed() || component >= components_.size()) {
    return damaged_codestream("COC of no component");
  }
  J2kComponentCoding coding;
  Status status = read_component_coding(reader, (flags & 1) != 0, coding);
  if (!status) return status;
  copy_coding(coding, coding_.components[component]);
  has_own_coding_[component] = true;
  return {};
}

Status J2kSegments::read_quantisation_default(ByteSpan content) {
  for (std::size_t i = 0; i < components_.size(); ++i) {
    if (has_own_quantisation_[i]) continue;
    coding_.components[i].quantisation.assign(content.begin(), content.end());
  }
  has_quantisation_ = true;
  return {};
}

Status J2kSegments::read_quantisation_component(ByteSpan content) {
  BigEndianReader reader(content);
  const std::size_t component = reader.number(components_.size() < 257 ? 1 : 2);
  if (reader.failed() || component >= components_.size())
    return damaged_codestream("QCC of no component");
  const ByteSpan rest = reader.rest();
  coding_.components[component].quantisation.assign(rest.begin(), rest.end());
  has_own_quantisation_[component] = true;
  return {};
}

Status J2kSegments::read_region_of_interest(ByteSpan content) {
  BigEndianReader reader(content);
  const std::size_t component = reader.number(components_.size() < 257 ? 1 : 2);
  const std::uint8_t style = reader.byte();
  const std::uint8_t shift = reader.byte();
  constexpr int kMostShift = 37;
  if (reader.failed() || component >= components_.size())
    return damaged_codestream("RGN of no component");
  if (style != 0) return unsupported_codestream("a region of interest of Part 2");
  if (shift > kMostShift) return damaged_codestream("a region of interest shifted too far");
  coding_.components[component].region_shift = shift;
  return {};
}

// Tile-parts may each go on with the changes of those before; a tile's replace the main header's.
Status J2kSegments::read_progression_changes(ByteSpan content) {
  constexpr std::size_t kMostChanges = 256;
  const std::size_t wide = components_.size() < 257 ? 1 : 2;
  BigEndianReader reader(content);
  if (!has_changes_) coding_.changes.clear();
  has_changes_ = true;
  while (reader.left() > 0) {
    J2kProgressionVolume volume;
    volume.first_resolution = static_cast<int>(reader.number(1));
    volume.first_component = static_cast<int>(reader.number(wide));
    volume.end_layer = static_cast<int>(reader.number(2));
    volume.end_resolution = static_cast<int>(reader.number(1));
    volume.end_component = static_cast<int>(reader.number(wide));
    // In a single byte there is no 256.
    if (volume.end_component == 0) volume.end_component = 256;
    const std::uint8_t progression = reader.byte();
    if (reader.failed() || progression > 4) return damaged_codestream("POC can not be read");
    volume.progression = static_cast<J2kProgression>(progression);
    coding_.changes.push_back(volume);
    if (coding_.changes.size() > kMostChanges)
      return damaged_codestream("too many changes of progression");
  }
  return {};
}

Result<std::optional<J2kHeader>> parse_j2k_header(ByteSpan bytes) {
  return MainHeaderReader().read(bytes);
}

Result<J2kHeader> read_j2k_header(const File& file, std::uint64_t offset, std::uint64_t length) {
  ByteVector bytes;
  for (std::uint64_t wanted = kFirstRead;; wanted *= 8) {
    const std::uint64_t count = std::min({wanted, length, kMostHeaderBytes});
    const std::size_t before = bytes.size();
    bytes.resize(static_cast<std::size_t>(count));
    Status status = file.read_at(offset + before, std::span(bytes).subspan(before));
    if (!status) return pass_on(status);
    Result<std::optional<J2kHeader>> header = parse_j2k_header(bytes);
    if (!header) return pass_on(header);
    if (*header) return std::move(**header);
    if (count == length) return damaged_codestream("the header is cut short");
    if (count == kMostHeaderBytes) return damaged_codestream("the header is too long");
  }
}

}  // namespace iip
