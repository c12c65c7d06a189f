#include "engine/formats/jpeg2000/index/plt.h"

#include <algorithm>
#include <string>

#include "engine/formats/jpeg2000/codestream/errors.h"

namespace iip {

namespace {

tl::unexpected<Error> does_not_fit(std::string detail) {
  return unsupported_codestream("PLT that " + std::move(detail));
}

}  // namespace

bool PltPacketLengths::are_in(const J2kTile& tile) {
  return std::all_of(tile.plt.begin(), tile.plt.end(),
                     [](const std::vector<J2kSpan>& segments) { return !segments.empty(); });
}

// Segments are numbered in each tile-part, in as many bits as their first byte has.
Status PltPacketLengths::open_segment(const J2kSpan& place) {
  segment_.resize(static_cast<std::size_t>(place.length));
  at_ = 0;
  if (Status status = file_.read_at(place.offset, segment_); !status) return status;
  if (segment_.empty() || segment_[0] != (segments_read_ & 0xFFU)) {
    return does_not_fit("is out of order");
  }
  ++segments_read_;
  at_ = 1;
  return {};
}

Result<bool> PltPacketLengths::go_on() {
  while (is_at_end()) {
    if (part_ == tile_.data.size()) return false;
    const std::vector<J2kSpan>& segments = tile_.plt[part_];
    if (segments_read_ < segments.size()) {
      Status status = open_segment(segments[segments_read_]);
      if (!status) return pass_on(status);
      continue;
    }
    if (position_ != tile_.data[part_].length) return does_not_fit("does not fill a tile-part");
    ++part_;
    segments_read_ = 0;
    position_ = 0;
  }
  return true;
}

Result<J2kSpan> PltPacketLengths::next() {
  const Result<bool> has_more = go_on();
  if (!has_more) return tl::unexpected(has_more.error());
  if (!*has_more) return does_not_fit("leaves packets out");
  // Seven bits in each byte, the highest first, whose top bit tells that more follow.
  std::uint64_t length = 0;
  for (;;) {
    if (is_at_end()) return does_not_fit("breaks off");
    const std::uint8_t byte = segment_[at_++];
    length = length << 7U | (byte & 0x7FU);
    if (length > UINT32_MAX) return does_not_fit("has a packet of too many bytes");
    if (byte < 0x80) break;
  }
  const J2kSpan& data = tile_.data[part_];
  if (length == 0 || length > data.length - position_) return does_not_fit("leaves its tile-part");
  const J2kSpan packet{data.offset + position_, length};
  position_ += length;
  return packet;
}

Status PltPacketLengths::finish() {
  const Result<bool> has_more = go_on();
  if (!has_more) return tl::unexpected(has_more.error());
  if (*has_more) return does_not_fit("has more packets than the tile");
  return {};
}

}  // namespace iip
