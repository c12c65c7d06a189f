#include "engine/formats/jpeg/splice.h"

#include <algorithm>
#include <string_view>

#include "engine/encode/extras.h"

namespace iip {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kIccName = "ICC_PROFILE\0"sv;

void append_icc_segment(ByteVector& out, ByteSpan part, std::size_t number, std::size_t count) {
  // The length counts itself, the name, the two numbers, and the part.
  const std::size_t length = 2 + kIccName.size() + 2 + part.size();
  out.insert(out.end(), {0xFF, 0xE2, static_cast<std::uint8_t>(length >> 8U),
                         static_cast<std::uint8_t>(length & 0xFFU)});
  out.insert(out.end(), kIccName.begin(), kIccName.end());
  out.push_back(static_cast<std::uint8_t>(number));
  out.push_back(static_cast<std::uint8_t>(count));
  out.insert(out.end(), part.begin(), part.end());
}

}  // namespace

// There is no JFIF segment: one put before the tables of a tile with an Adobe segment of its own
// would contradict it, and decoders take components 1, 2, 3 for YCbCr without either. The density
// is therefore left out.
Bytes jpeg_splice_head(const Bytes& tables, const PictureExtras& extras) {
  ByteVector out{0xFF, 0xD8};
  const ByteSpan profile = extras.icc_profile.span();
  if (profile.size() <= kMaxJpegIcc) {
    const std::size_t count = (profile.size() + kIccSegmentBytes - 1) / kIccSegmentBytes;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = i * kIccSegmentBytes;
      const std::size_t size = std::min(kIccSegmentBytes, profile.size() - at);
      append_icc_segment(out, profile.subspan(at, size), i + 1, count);
    }
  }
  out.insert(out.end(), tables.span().begin(), tables.span().end());
  return Bytes(std::move(out));
}

}  // namespace iip
