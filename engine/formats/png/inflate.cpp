#include "engine/formats/png/inflate.h"

#include <zlib.h>

#include <algorithm>

namespace iip {

namespace {

constexpr std::size_t kFirstRoom = 4096;

// A stream of zlib, and its memory.
class Stream {
 public:
  explicit Stream(ByteSpan bytes) {
    stream_.next_in = const_cast<Bytef*>(bytes.data());  // zlib reads it only
    stream_.avail_in = static_cast<uInt>(bytes.size());
    is_ready_ = ::inflateInit(&stream_) == Z_OK;
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    if (is_ready_) ::inflateEnd(&stream_);
  }

  bool is_ready() const { return is_ready_; }
  // Fills `room` as far as there is anything, and says how far.
  std::size_t fill(std::span<std::uint8_t> room) {
    stream_.next_out = room.data();
    stream_.avail_out = static_cast<uInt>(room.size());
    state_ = ::inflate(&stream_, Z_NO_FLUSH);
    return room.size() - stream_.avail_out;
  }
  bool is_at_end() const { return state_ == Z_STREAM_END; }
  bool is_sound() const { return state_ == Z_OK || is_at_end(); }

 private:
  z_stream stream_{};
  bool is_ready_ = false;
  int state_ = Z_OK;
};

}  // namespace

std::optional<Inflated> inflate(ByteSpan bytes, std::size_t most) {
  Stream stream(bytes);
  if (!stream.is_ready()) return std::nullopt;
  Inflated out;
  std::size_t size = 0;
  while (!stream.is_at_end() && size < most) {
    out.bytes.resize(std::min(most, std::max(kFirstRoom, 2 * size)));
    size += stream.fill(std::span(out.bytes).subspan(size));
    if (!stream.is_sound()) return std::nullopt;
  }
  out.bytes.resize(size);
  // One more byte tells whether anything comes behind what was wanted.
  std::uint8_t behind = 0;
  out.is_whole =
      stream.is_at_end() || (stream.fill(std::span(&behind, 1)) == 0 && stream.is_at_end());
  return out;
}

}  // namespace iip
