#include "engine/formats/jpeg/segments.h"

#include <string>
#include <string_view>

#include "engine/formats/metadata/exif_block.h"

namespace iip {

namespace {

using namespace std::string_view_literals;

constexpr int kApp1 = 0xE1;
constexpr int kApp13 = 0xED;
constexpr int kComment = 0xFE;
constexpr std::size_t kMostBytes = 65533;

constexpr std::string_view kExifName = "Exif\0\0"sv;
// XMP specification part 3, 1.1.3; with it a packet has at most 65502 bytes.
constexpr std::string_view kXmpName = "http://ns.adobe.com/xap/1.0/\0"sv;
constexpr std::size_t kMostXmp = 65502;
// One resource: its number for IPTC, 0x0404, and an empty name.
constexpr std::string_view kIptcName = "Photoshop 3.0\0008BIM\x04\x04\0\0"sv;

void append(ByteVector& data, std::string_view text) {
  data.insert(data.end(), text.begin(), text.end());
}

void append(ByteVector& data, ByteSpan bytes) {
  data.insert(data.end(), bytes.begin(), bytes.end());
}

ByteVector exif_data(ByteSpan exif) {
  const ByteVector upright = upright_exif(exif);
  ByteVector data;
  if (upright.empty()) return data;
  append(data, kExifName);
  append(data, upright);
  return data;
}

ByteVector xmp_data(std::string_view xmp) {
  const std::string upright = upright_xmp(xmp);
  ByteVector data;
  if (upright.empty() || upright.size() > kMostXmp) return data;
  append(data, kXmpName);
  append(data, upright);
  return data;
}

ByteVector iptc_data(ByteSpan iptc) {
  ByteVector data;
  if (iptc.empty() || iptc.size() > kMostBytes) return data;
  append(data, kIptcName);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    data.push_back(static_cast<std::uint8_t>(iptc.size() >> shift & 255U));
  }
  append(data, iptc);
  if (iptc.size() % 2 != 0) data.push_back(0);
  return data;
}

ByteVector comment_data(const Metadata& metadata) {
  ByteVector data;
  append(data, metadata.software);
  if (!metadata.software.empty() && !metadata.rights.empty()) append(data, "\n"sv);
  append(data, metadata.rights);
  return data;
}

}  // namespace

std::vector<JpegSegment> jpeg_segments(const Metadata& metadata) {
  std::vector<JpegSegment> segments;
  const auto add = [&](int marker, ByteVector data) {
    if (data.empty() || data.size() > kMostBytes) return;
    segments.push_back({marker, std::move(data)});
  };
  add(kApp1, exif_data(metadata.exif.span()));
  add(kApp1, xmp_data(metadata.xmp));
  add(kApp13, iptc_data(metadata.iptc.span()));
  add(kComment, comment_data(metadata));
  return segments;
}

}  // namespace iip
