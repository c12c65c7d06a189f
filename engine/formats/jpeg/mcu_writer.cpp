#include "engine/formats/jpeg/mcu_writer.h"

namespace iip {

void JpegMcuWriter::finish() {
  make_room();
  const unsigned padding = (8 - pending_count_ % 8) % 8;
  put((1U << padding) - 1, padding);
  for (; pending_count_ >= 8; pending_count_ -= 8) {
    put_byte(static_cast<std::uint8_t>(pending_ >> (pending_count_ - 8)));
  }
  out_[used_++] = 0xFF;
  out_[used_++] = 0xD9;
  // libjpeg reads fast only where it sees many bytes ahead.
  constexpr std::size_t kReach = 8192;
  std::fill_n(out_.begin() + static_cast<std::ptrdiff_t>(used_), kReach, std::uint8_t{0});
  used_ += kReach;
}

}  // namespace iip
