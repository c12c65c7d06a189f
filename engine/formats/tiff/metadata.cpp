#include "engine/formats/tiff/metadata.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/text.h"
#include "engine/formats/metadata/photoshop_resources.h"
#include "engine/formats/tiff/exif.h"

namespace iip {

namespace {

constexpr double kInchesPerMetre = 1 / 0.0254;
constexpr double kCentimetresPerMetre = 100;
// Photoshop keeps thumbnails and paths there, too.
constexpr std::uint64_t kMostPhotoshopBytes = std::uint64_t{4} << 20;

std::string_view characters(const ByteVector& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string read_text(const TiffDirectory& directory, TiffTag tag, std::uint64_t most_bytes) {
  const ByteVector bytes = directory.bytes(tag, most_bytes);
  std::string_view text = characters(bytes);
  text = text.substr(0, text.find('\0'));
  return to_utf8(trim(text));
}

// What is kept of a value counts, which may be less than was read, or more in another encoding.
template <class Value>
Value allowed(Value value, MetadataAllowance& allowance) {
  return allowance.take(value.size()) ? std::move(value) : Value{};
}

// From its own tag, or from among Photoshop's resources.
Bytes read_iptc(const TiffDirectory& directory, std::uint64_t most_bytes) {
  if (most_bytes == 0) return {};
  ByteVector records = directory.bytes(TiffTag::rich_tiff_iptc, most_bytes);
  if (!records.empty()) return Bytes(std::move(records));
  const ByteVector resources = directory.bytes(TiffTag::photoshop, kMostPhotoshopBytes);
  const ByteSpan found = photoshop_resource(resources, kPhotoshopIptc);
  if (found.size() > most_bytes) return {};
  records.assign(found.begin(), found.end());
  return Bytes(std::move(records));
}

}  // namespace

Bytes read_tiff_profile(const TiffDirectory& directory, MetadataAllowance& allowance) {
  return allowed(Bytes(directory.bytes(TiffTag::icc_profile, allowance.most())), allowance);
}

Metadata read_tiff_metadata(const TiffDirectory& directory, MetadataAllowance& allowance) {
  const auto text = [&](TiffTag tag) {
    return allowed(read_text(directory, tag, allowance.most()), allowance);
  };
  Metadata metadata;
  metadata.title = text(TiffTag::document_name);
  metadata.creator = text(TiffTag::artist);
  metadata.rights = text(TiffTag::copyright);
  metadata.description = text(TiffTag::image_description);
  metadata.date = text(TiffTag::date_time);
  metadata.software = text(TiffTag::software);
  metadata.make = text(TiffTag::make);
  metadata.model = text(TiffTag::model);
  metadata.page_name = text(TiffTag::page_name);
  const ByteVector xmp = directory.bytes(TiffTag::xml_packet, allowance.most());
  metadata.xmp = allowed(std::string(characters(xmp)), allowance);
  metadata.exif = allowed(read_tiff_exif(directory, allowance.most()), allowance);
  metadata.iptc = allowed(read_iptc(directory, allowance.most()), allowance);
  return metadata;
}

Page read_tiff_page(const TiffDirectory& directory) {
  constexpr std::uint64_t kMostNameBytes = 1024;
  Page page;
  page.name = read_text(directory, TiffTag::document_name, kMostNameBytes);
  if (page.name.empty()) page.name = read_text(directory, TiffTag::page_name, kMostNameBytes);
  const std::vector<double> scale = directory.numbers(TiffTag::stonits, 1);
  if (!scale.empty() && scale[0] != 0) page.scale = scale[0];
  return page;
}

std::optional<Density> read_tiff_density(const TiffDirectory& directory) {
  const std::vector<double> x = directory.numbers(TiffTag::x_resolution, 1);
  const std::vector<double> y = directory.numbers(TiffTag::y_resolution, 1);
  if (x.empty() || y.empty() || x[0] <= 0 || y[0] <= 0) return std::nullopt;
  switch (directory.integer_or(TiffTag::resolution_unit, 2)) {
    case 2:
      return Density{x[0] * kInchesPerMetre, y[0] * kInchesPerMetre, Density::Unit::inch};
    case 3:
      return Density{x[0] * kCentimetresPerMetre, y[0] * kCentimetresPerMetre,
                     Density::Unit::centimetre};
    default:
      return std::nullopt;
  }
}

}  // namespace iip
