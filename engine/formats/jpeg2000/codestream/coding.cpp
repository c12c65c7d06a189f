#include "engine/formats/jpeg2000/codestream/coding.h"

#include "engine/base/big_endian.h"
#include "engine/formats/jpeg2000/codestream/errors.h"

namespace iip {

namespace {

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
  const J2kSteps quantisation = to.quantisation;
  const int shift = to.region_shift;
  to = from;
  to.quantisation = quantisation;
  to.region_shift = shift;
}

bool has_all_steps(const J2kComponentCoding& coding) {
  if (coding.quantisation.empty()) return false;
  const int style = coding.quantisation[0] & 0x1F;
  const int band_count = 3 * coding.levels + 1;
  const auto bands = static_cast<std::size_t>(band_count);
  const std::size_t bytes = coding.quantisation.bytes().size() - 1;
  if (style == 0) return bytes >= bands;
  if (style == 1) return bytes >= 2;
  return style == 2 && bytes >= 2 * bands;
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

int J2kCoding::levels() const {
  int least = 32;
  for (const J2kComponentCoding& of : components) least = std::min(least, of.levels);
  return least;
}

std::uint64_t J2kCoding::resolutions() const {
  std::uint64_t count = 0;
  for (const J2kComponentCoding& of : components)
    count += static_cast<std::uint64_t>(of.levels) + 1;
  return count;
}

std::uint64_t J2kCoding::bytes() const {
  return sizeof(J2kCoding) + components.size() * sizeof(J2kComponentCoding) +
         changes.size() * sizeof(J2kProgressionVolume);
}

J2kSegments::J2kSegments(J2kCoding& coding, const std::vector<J2kComponent>& components)
    : coding_(coding),
      components_(components),
      has_own_coding_(components.size()),
      has_own_quantisation_(components.size()) {}

bool J2kSegments::reads(J2kMarker marker) {
  switch (marker) {
    case J2kMarker::coding_default:
    case J2kMarker::coding_component:
    case J2kMarker::quantisation_default:
    case J2kMarker::quantisation_component:
    case J2kMarker::region_of_interest:
    case J2kMarker::progression_change:
      return true;
    default:
      return false;
  }
}

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
    coding_.components[i].quantisation.assign(content);
  }
  has_quantisation_ = true;
  return {};
}

Status J2kSegments::read_quantisation_component(ByteSpan content) {
  BigEndianReader reader(content);
  const std::size_t component = reader.number(components_.size() < 257 ? 1 : 2);
  if (reader.failed() || component >= components_.size())
    return damaged_codestream("QCC of no component");
  coding_.components[component].quantisation.assign(reader.rest());
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

}  // namespace iip
