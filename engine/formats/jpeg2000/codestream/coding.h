// How the components of a JPEG 2000 codestream are coded, as the marker segments say that its main
// header and those of its tiles may hold (ISO/IEC 15444-1 annex A).
//
// Value types. Errors: corrupt for what the standard forbids, unsupported for what it allows and
// this version does not serve.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace iip {

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

// The content of QCD or QCC: the quantisation steps of the bands, as many as there can be at most.
class J2kSteps {
 public:
  void assign(ByteSpan content) {
    size_ = std::min(content.size(), bytes_.size());
    std::copy_n(content.begin(), size_, bytes_.begin());
  }
  // Keeps the first `size` steps; there are at least as many.
  void cut(std::size_t size) { size_ = size; }

  bool empty() const { return size_ == 0; }
  ByteSpan bytes() const { return ByteSpan(bytes_).first(size_); }
  std::uint8_t operator[](std::size_t at) const { return bytes_[at]; }

 private:
  static constexpr std::size_t kMostBands = 3 * 32 + 1;
  std::array<std::uint8_t, 1 + 2 * kMostBands> bytes_{};
  std::size_t size_ = 0;
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
  J2kSteps quantisation;  // of QCD, or of QCC behind the component's number
  int region_shift = 0;   // RGN
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
  // The resolutions of all components together.
  std::uint64_t resolutions() const;
  // The memory that a copy of it takes.
  std::uint64_t bytes() const;
};

// Reads one marker segment that a main or tile-part header may hold into `coding`; others are
// passed over. The order and precedence of segments is J2kSegments' business.
class J2kSegments {
 public:
  // `coding` has an element for each component already.
  J2kSegments(J2kCoding& coding, const std::vector<J2kComponent>& components);

  // Would read() take anything from such a segment?
  static bool reads(J2kMarker marker);
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

}  // namespace iip
