#include "engine/formats/metadata/exif.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/text.h"

namespace iip {

namespace {

constexpr std::size_t kMostEntries = 512;
constexpr std::size_t kEntryBytes = 12;
constexpr double kInchesPerMetre = 1 / 0.0254;
constexpr double kCentimetresPerMetre = 100;

enum Tag : std::uint16_t {
  kDescription = 270,
  kMake = 271,
  kModel = 272,
  kOrientation = 274,
  kXResolution = 282,
  kYResolution = 283,
  kResolutionUnit = 296,
  kSoftware = 305,
  kDateTime = 306,
  kArtist = 315,
  kCopyright = 33432,
};

enum Type : std::uint16_t { kAscii = 2, kShort = 3, kRational = 5 };

// Numbers of either byte order; what lies beyond the block reads as 0.
class Block {
 public:
  Block(ByteSpan bytes, bool little) : bytes_(bytes), little_(little) {}

  std::size_t size() const { return bytes_.size(); }
  std::uint32_t number(std::size_t at, std::size_t width) const {
    if (at > bytes_.size() || width > bytes_.size() - at) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      value = value << 8U | bytes_[at + (little_ ? width - 1 - i : i)];
    }
    return value;
  }
  std::string_view text(std::size_t at, std::size_t length) const {
    if (at > bytes_.size() || length > bytes_.size() - at) return {};
    return {reinterpret_cast<const char*>(bytes_.data()) + at, length};
  }

 private:
  ByteSpan bytes_;
  bool little_;
};

struct Entry {
  std::uint32_t tag = 0;
  std::uint32_t type = 0;
  std::uint32_t count = 0;
  std::size_t at = 0;  // of the value field
};

std::string text_of(const Block& block, const Entry& entry, MetadataAllowance& allowance) {
  if (entry.type != kAscii || entry.count > allowance.most()) return {};
  const std::size_t at = entry.count <= 4 ? entry.at : block.number(entry.at, 4);
  const std::string_view text = block.text(at, entry.count);
  std::string kept = to_utf8(trim(text.substr(0, text.find('\0'))));
  return allowance.take(kept.size()) ? kept : std::string();
}

double rational_of(const Block& block, const Entry& entry) {
  if (entry.type != kRational || entry.count != 1) return 0;
  const std::size_t at = block.number(entry.at, 4);
  const double divisor = block.number(at + 4, 4);
  return divisor == 0 ? 0 : block.number(at, 4) / divisor;
}

struct Resolution {
  double x = 0;
  double y = 0;
  std::uint32_t unit = 2;
};

std::optional<Density> density_of(const Resolution& stated) {
  if (!(stated.x > 0) || !(stated.y > 0)) return std::nullopt;
  if (stated.unit == 2) {
    return Density{stated.x * kInchesPerMetre, stated.y * kInchesPerMetre, Density::Unit::inch};
  }
  if (stated.unit == 3) {
    return Density{stated.x * kCentimetresPerMetre, stated.y * kCentimetresPerMetre,
                   Density::Unit::centimetre};
  }
  return std::nullopt;
}

// A short of the value 1 where entry.at says, in the block's byte order.
void set_upright(ByteVector& block, const Entry& entry, bool little) {
  block[entry.at] = little ? 1 : 0;
  block[entry.at + 1] = little ? 0 : 1;
}

void read_entry(const Block& block, const Entry& entry, MetadataAllowance& allowance, Exif& exif,
                Resolution& resolution) {
  Metadata& metadata = exif.metadata;
  switch (entry.tag) {
    case kDescription:
      metadata.description = text_of(block, entry, allowance);
      break;
    case kMake:
      metadata.make = text_of(block, entry, allowance);
      break;
    case kModel:
      metadata.model = text_of(block, entry, allowance);
      break;
    case kSoftware:
      metadata.software = text_of(block, entry, allowance);
      break;
    case kDateTime:
      metadata.date = text_of(block, entry, allowance);
      break;
    case kArtist:
      metadata.creator = text_of(block, entry, allowance);
      break;
    case kCopyright:
      metadata.rights = text_of(block, entry, allowance);
      break;
    case kOrientation:
      if (const std::uint32_t value = block.number(entry.at, 2);
          entry.type == kShort && value >= 1 && value <= 8) {
        exif.orientation = static_cast<int>(value);
      }
      break;
    case kXResolution:
      resolution.x = rational_of(block, entry);
      break;
    case kYResolution:
      resolution.y = rational_of(block, entry);
      break;
    case kResolutionUnit:
      resolution.unit = block.number(entry.at, 2);
      break;
    default:
      break;
  }
}

}  // namespace

Exif read_exif(ByteSpan bytes, MetadataAllowance& allowance) {
  Exif exif;
  if (bytes.size() < 8 || bytes[0] != bytes[1] || (bytes[0] != 'I' && bytes[0] != 'M')) return exif;
  const bool little = bytes[0] == 'I';
  const Block block(bytes, little);
  if (block.number(2, 2) != 42) return exif;
  const std::size_t directory = block.number(4, 4);
  const std::size_t count = std::min<std::size_t>(block.number(directory, 2), kMostEntries);
  Resolution resolution;
  ByteVector upright(bytes.begin(), bytes.end());
  std::vector<std::uint32_t> seen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = directory + 2 + i * kEntryBytes;
    if (at + kEntryBytes > block.size()) break;
    const Entry entry{block.number(at, 2), block.number(at + 2, 2), block.number(at + 4, 4),
                      at + 8};
    if (std::find(seen.begin(), seen.end(), entry.tag) == seen.end()) {
      seen.push_back(entry.tag);
      read_entry(block, entry, allowance, exif, resolution);
    }
    if (entry.tag == kOrientation && entry.type == kShort) set_upright(upright, entry, little);
  }
  if (allowance.take(upright.size())) exif.metadata.exif = Bytes(std::move(upright));
  exif.density = density_of(resolution);
  return exif;
}

}  // namespace iip
