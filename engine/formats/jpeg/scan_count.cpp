#include "engine/formats/jpeg/scan_count.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace iip {

namespace {

constexpr std::uint64_t kMostScans = 500;
// A picture has ten or so. More are for small ones. The blocks of all scans together take some
// 0.9 s.
constexpr std::uint64_t kUsualScans = 16;
constexpr std::uint64_t kMostBlocksOfScans = std::uint64_t{1} << 24;

constexpr std::uint8_t kEndOfImage = 0xD9;
constexpr std::uint8_t kStartOfScan = 0xDA;

// Finds the markers in what comes piece by piece.
class MarkerCounter {
 public:
  // Looks at `piece` until there is one more scan, and takes what it has seen off its front.
  bool finds_scan(ByteSpan& piece) {
    while (!piece.empty() && !is_over_) {
      if (state_ == State::data) {
        const auto mark = std::find(piece.begin(), piece.end(), std::uint8_t{0xFF});
        piece = piece.subspan(static_cast<std::size_t>(mark - piece.begin()));
        if (piece.empty()) return false;
      }
      if (state_ == State::segment) {
        const std::size_t skipped = std::min(left_, piece.size());
        left_ -= skipped;
        piece = piece.subspan(skipped);
        if (left_ == 0) state_ = State::data;
        continue;
      }
      const std::uint8_t byte = piece.front();
      piece = piece.subspan(1);
      if (take(byte)) return true;
    }
    return false;
  }
  bool is_over() const { return is_over_; }

 private:
  enum class State : std::uint8_t { data, marker, length, rest_of_length, segment };

  bool take(std::uint8_t byte) {
    switch (state_) {
      case State::data:
        state_ = State::marker;
        return false;
      case State::marker:
        return take_marker(byte);
      case State::length:
        left_ = std::size_t{byte} << 8U;
        state_ = State::rest_of_length;
        return false;
      default:
        left_ = std::max<std::size_t>(left_ | byte, 2) - 2;
        state_ = left_ == 0 ? State::data : State::segment;
        return false;
    }
  }

  // A stuffed byte, a restart or another byte of filling is no marker of a segment.
  bool take_marker(std::uint8_t marker) {
    if (marker == 0xFF) return false;
    is_over_ = marker == kEndOfImage;
    const bool has_segment = marker >= 0xC0 && (marker < 0xD0 || marker >= kStartOfScan);
    state_ = has_segment ? State::length : State::data;
    return marker == kStartOfScan;
  }

  State state_ = State::data;
  std::size_t left_ = 0;  // bytes of the segment that are still to come
  bool is_over_ = false;
};

}  // namespace

std::uint64_t jpeg_blocks(const Size& size, int components) {
  constexpr std::int64_t kSide = 8;
  return static_cast<std::uint64_t>(ceil_div(size.width, kSide) * ceil_div(size.height, kSide) *
                                    components);
}

std::optional<Error> too_many_jpeg_scans(std::uint64_t scans, std::uint64_t blocks) {
  if (scans > kMostScans) {
    return Error{ErrorKind::corrupt, "The image file is damaged", "JPEG: more than 500 scans", {}};
  }
  if (scans <= kUsualScans || scans * blocks <= kMostBlocksOfScans) return std::nullopt;
  return Error{ErrorKind::too_large,
               "The image has more scans than this server goes through",
               "JPEG: " + std::to_string(scans) + " scans of " + std::to_string(blocks) +
                   " blocks, and more",
               {}};
}

Status check_jpeg_scans(ByteFeed& feed, std::uint64_t blocks) {
  MarkerCounter markers;
  std::uint64_t scans = 1;
  while (!markers.is_over()) {
    Result<ByteSpan> piece = feed.next();
    if (!piece) return pass_on(piece);
    if (piece->empty()) break;
    while (markers.finds_scan(*piece)) {
      if (auto error = too_many_jpeg_scans(++scans, blocks)) {
        return tl::unexpected<Error>(std::move(*error));
      }
    }
  }
  return {};
}

}  // namespace iip
