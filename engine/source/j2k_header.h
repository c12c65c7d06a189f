// The main header of a JPEG 2000 codestream (ISO/IEC 15444-1 annex A; 15444-15 for HTJ2K), read
// and checked before a decoder is entered: what a decode can cost follows from it.
//
// Coordinates are those of the reference grid. A component has a sample at each multiple of its
// dx and dy; a resolution reduced k times has the coordinates divided by 2^k, rounded up.
// Errors: corrupt for what the standard forbids, unsupported for what it allows and this version
// does not serve, too_large for what is over the limits.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/image/geometry.h"

namespace iip {

// The codestream within its file.
struct J2kCodestream {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Bytes of the file, counted from its beginning.
struct J2kSpan {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint64_t end() const { return offset + length; }
};

enum class J2kMarker : std::uint16_t {
  start_of_codestream = 0xFF4F,
  capabilities = 0xFF50,
  size = 0xFF51,
  coding_default = 0xFF52,
  coding_component = 0xFF53,
  tile_part_lengths = 0xFF55,
  packet_lengths_main = 0xFF57,
  packet_lengths_tile = 0xFF58,
  quantisation_default = 0xFF5C,
  quantisation_component = 0xFF5D,
  region_of_interest = 0xFF5E,
  progression_change = 0xFF5F,
  packed_headers_main = 0xFF60,
  packed_headers_tile = 0xFF61,
  comment = 0xFF64,
  start_of_tile_part = 0xFF90,
  start_of_packet = 0xFF91,
  end_of_packet_header = 0xFF92,
  start_of_data = 0xFF93,
  end_of_codestream = 0xFFD9,
};

struct J2kComponent {
  int bits = 8;
  bool is_signed = false;
  std::int64_t dx = 1;
  std::int64_t dy = 1;
};

// How one component is coded.
struct J2kComponentCoding {
  enum Style : std::uint8_t {
    kBypass = 1,
    kResetContexts = 2,
    kTerminateAll = 4,
    kVerticallyCausal = 8,
    kPredictableTermination = 16,
    kSegmentSymbols = 32,
    kHighThroughput = 64,
  };
  int levels = 0;            // of decomposition, 0 to 32
  int block_width_log2 = 6;  // of a code-block, 2 to 10, both together at most 12
  int block_height_log2 = 6;
  std::uint8_t block_style = 0;
  bool reversible = false;
  // PPx | PPy << 4 for each resolution, the smallest first.
  std::array<std::uint8_t, 33> precincts{};
  ByteVector quantisation;  // content of QCD, or of QCC behind the component's number
  int region_shift = 0;     // RGN
};

enum class J2kProgression : std::uint8_t { lrcp, rlcp, rpcl, pcrl, cprl };

// One entry of POC.
struct J2kProgressionVolume {
  int first_resolution = 0;
  int first_component = 0;
  int end_layer = 0;
  int end_resolution = 0;
  int end_component = 0;
  J2kProgression progression = J2kProgression::lrcp;
};

// All that the header of a tile may state anew.
struct J2kCoding {
  J2kProgression progression = J2kProgression::lrcp;
  int layers = 1;
  bool multiple_component_transform = false;
  bool may_have_packet_starts = false;  // SOP
  bool has_packet_header_ends = false;  // EPH
  std::vector<J2kComponentCoding> components;
  std::vector<J2kProgressionVolume> changes;  // POC; empty: one progression

  // How often every component can be halved.
  int levels() const;
};

struct J2kHeader {
  Rect canvas;                     // of the image on the reference grid
  Rect tile;                       // the first tile, not cut
  std::uint16_t capabilities = 0;  // Rsiz
  std::vector<J2kComponent> components;
  J2kCoding coding;
  bool has_packed_headers = false;   // PPM
  ByteVector extended_capabilities;  // content of CAP, empty where there is none
  // Contents of TLM, which states the lengths of the tile-parts, counted from the codestream's
  // beginning.
  std::vector<J2kSpan> part_lengths;
  std::uint64_t length = 0;  // of the header, up to the first SOT

  std::int64_t tiles_across() const { return ceil_div(canvas.right() - tile.x, tile.width); }
  std::int64_t tiles_down() const { return ceil_div(canvas.bottom() - tile.y, tile.height); }
  std::int64_t tiles() const { return tiles_across() * tiles_down(); }
  // Tile `index`, row by row, cut to the image.
  Rect tile_rect(std::int64_t index) const;
  // The tiles that `area` touches, together.
  Rect tiles_around(const Rect& area) const;
  int levels() const { return coding.levels(); }
  // Is any component coded with the block coder of HTJ2K?
  bool is_high_throughput() const;
};

// Reads one marker segment that a main or tile-part header may hold into `coding`; others are
// passed over. The order and precedence of segments is J2kSegments' business.
class J2kSegments {
 public:
  // `coding` has an element for each component already.
  J2kSegments(J2kCoding& coding, const std::vector<J2kComponent>& components);

  Status read(J2kMarker marker, ByteSpan content);
  bool has_coding() const { return has_coding_; }
  bool has_quantisation() const { return has_quantisation_; }

 private:
  Status read_coding_default(ByteSpan content);
  Status read_coding_component(ByteSpan content);
  Status read_quantisation_default(ByteSpan content);
  Status read_quantisation_component(ByteSpan content);
  Status read_region_of_interest(ByteSpan content);
  Status read_progression_changes(ByteSpan content);

  J2kCoding& coding_;
  const std::vector<J2kComponent>& components_;
  // What a segment of its own component has stated is not changed by a default.
  std::vector<bool> has_own_coding_;
  std::vector<bool> has_own_quantisation_;
  bool has_coding_ = false;
  bool has_quantisation_ = false;
  bool has_changes_ = false;
};

// Is all there that decoding needs, when main and tile-part headers have been read?
Status check_j2k_coding(const J2kCoding& coding);

// `bytes` begins with the codestream; nullopt where the header goes on behind them.
Result<std::optional<J2kHeader>> parse_j2k_header(ByteSpan bytes);

Result<J2kHeader> read_j2k_header(const File& file, std::uint64_t offset, std::uint64_t length);

}  // namespace iip
