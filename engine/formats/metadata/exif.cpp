#include "engine/formats/metadata/exif.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/text.h"
#include "engine/formats/metadata/exif_block.h"
#include "engine/formats/tiff/structure/directory.h"

namespace iip {

namespace {

constexpr double kInchesPerMetre = 1 / 0.0254;
constexpr double kCentimetresPerMetre = 100;

std::string text_of(const TiffDirectory& block, const TiffEntry& entry,
                    MetadataAllowance& allowance) {
  if (entry.type != TiffType::ascii) return {};
  const ByteVector bytes = block.value(entry, allowance.most());
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::string kept = to_utf8(trim(text.substr(0, text.find('\0'))));
  return allowance.take(kept.size()) ? kept : std::string();
}

double rational_of(const TiffDirectory& block, const TiffEntry& entry) {
  if (entry.type != TiffType::rational || entry.count != 1) return 0;
  const std::vector<double> values = block.numbers(entry.tag, 1);
  return values.empty() ? 0 : values[0];
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

void read_entry(const TiffDirectory& block, const TiffEntry& entry, MetadataAllowance& allowance,
                Exif& exif, Resolution& resolution) {
  Metadata& metadata = exif.metadata;
  switch (entry.tag) {
    case TiffTag::image_description:
      metadata.description = text_of(block, entry, allowance);
      break;
    case TiffTag::make:
      metadata.make = text_of(block, entry, allowance);
      break;
    case TiffTag::model:
      metadata.model = text_of(block, entry, allowance);
      break;
    case TiffTag::software:
      metadata.software = text_of(block, entry, allowance);
      break;
    case TiffTag::date_time:
      metadata.date = text_of(block, entry, allowance);
      break;
    case TiffTag::artist:
      metadata.creator = text_of(block, entry, allowance);
      break;
    case TiffTag::copyright:
      metadata.rights = text_of(block, entry, allowance);
      break;
    case TiffTag::orientation:
      if (const std::uint32_t value = block.field_number(entry, 2);
          entry.type == TiffType::uint16 && value >= 1 && value <= 8) {
        exif.orientation = static_cast<int>(value);
      }
      break;
    case TiffTag::x_resolution:
      resolution.x = rational_of(block, entry);
      break;
    case TiffTag::y_resolution:
      resolution.y = rational_of(block, entry);
      break;
    case TiffTag::resolution_unit:
      resolution.unit = block.field_number(entry, 2);
      break;
    default:
      break;
  }
}

}  // namespace

Exif read_exif(ByteSpan bytes, MetadataAllowance& allowance) {
  Exif exif;
  const std::optional<TiffHeader> header = exif_header(bytes);
  if (!header) return exif;
  Resolution resolution;
  ByteVector upright(bytes.begin(), bytes.end());
  if (const auto block = exif_directory_at(bytes, header->encoding, header->first)) {
    std::vector<TiffTag> seen;
    for (const TiffEntry& entry : block->entries()) {
      if (std::find(seen.begin(), seen.end(), entry.tag) != seen.end()) continue;
      seen.push_back(entry.tag);
      read_entry(*block, entry, allowance, exif, resolution);
    }
    set_upright(*block, upright);
  }
  if (allowance.take(upright.size())) exif.metadata.exif = Bytes(std::move(upright));
  exif.density = density_of(resolution);
  return exif;
}

}  // namespace iip
