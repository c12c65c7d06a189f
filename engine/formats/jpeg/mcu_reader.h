// JpegMcuReader: reads the MCUs of a scan one after the other, skipping or copying them.
//
// It reads the stream in windows. Bits that the stream does not have are `corrupt`, as are codes
// that the tables do not have. Belongs to one thread.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/formats/jpeg/mcu_writer.h"
#include "engine/formats/jpeg/scan.h"
#include "engine/source/stored_bytes.h"

namespace iip {

class JpegMcuReader {
 public:
  // Begins before MCU `mcu`, at its position. `window` is how many bytes are read at a time.
  JpegMcuReader(const JpegScan& scan, StoredBytes bytes, std::size_t window);

  // Goes to another place. Errors: corrupt.
  Status seek(std::int64_t mcu, const JpegPosition& position);

  std::int64_t mcu() const { return mcu_; }  // the next one
  JpegPosition position() const;

  // The next `count` MCUs, which the scan has.
  Status skip(std::int64_t count);
  Status copy(std::int64_t count, JpegMcuWriter& writer);

  // How many MCUs were read in all: a measure of the work.
  std::int64_t mcus_read() const { return mcus_read_; }

 private:
  // Bits taken from the window and not yet read, left-aligned. Behind those that the stream has,
  // zeros are made up, so that codes can be looked up without asking how many are left.
  struct Bits {
    const std::uint8_t* next = nullptr;
    const std::uint8_t* end = nullptr;
    std::uint64_t bits = 0;
    unsigned count = 0;
    unsigned made_up = 0;

    void fill();  // to at least 32
    std::uint32_t peek(unsigned n) const {
      return static_cast<std::uint32_t>(bits >> 32U >> (32U - n));
    }
    void drop(unsigned n) {
      bits <<= n;
      count -= n;
    }
  };
  using LastDc = std::array<int, 4>;

  template <class Sink>
  Status read(std::int64_t count, Sink& sink);
  template <class Sink>
  bool read_block(const JpegScan::Block& block, Bits& bits, LastDc& dc, Sink& sink) const;
  Status pass_restart();
  Status fill_window(std::uint64_t offset);
  Status start_at(std::uint64_t bit);
  tl::unexpected<Error> damaged() const;

  const JpegScan& scan_;
  const StoredBytes bytes_;
  ByteVector window_;
  std::uint64_t window_offset_ = 0;  // in the stream
  Bits bits_;
  std::int64_t mcu_ = 0;
  LastDc dc_{};
  std::int64_t mcus_read_ = 0;
};

}  // namespace iip
