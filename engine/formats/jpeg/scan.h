// The one scan of a sequential JPEG stream: how it is laid out, and reading it MCU by MCU, from
// any place that is known.
//
// Entropy-coded bits are read here and not left to libjpeg because libjpeg can only begin at the
// beginning. Nothing is decoded further than to the codes themselves.
//
// Source: ITU-T T.81, A.2, B.1.1.5, F.2.2.
//
// Never changed once made, so for any number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/result.h"
#include "engine/formats/jpeg/header.h"
#include "engine/formats/jpeg/huffman.h"
#include "engine/image/geometry.h"
#include "engine/source/stored_bytes.h"

namespace iip {

// What a scan consists of. Immutable.
class JpegScan {
 public:
  // nullopt where this is not one interleaved, sequential, Huffman-coded scan of 8 bits: such a
  // stream can be read from its beginning only. `head` is as JpegFile has it.
  static std::optional<JpegScan> of(const JpegHeader& header, ByteSpan head,
                                    std::uint64_t scan_offset);

  const Size& mcu() const { return mcu_; }  // in pixels
  std::int64_t mcus_across() const { return mcus_across_; }
  std::int64_t mcus_down() const { return mcus_down_; }
  std::int64_t mcu_count() const { return mcus_across_ * mcus_down_; }
  std::int64_t restart_interval() const { return restart_interval_; }
  std::uint64_t offset() const { return offset_; }
  bool is_subsampled() const { return is_subsampled_; }

  struct Block {
    std::uint8_t component;
    std::uint8_t dc;
    std::uint8_t ac;
  };
  const std::vector<Block>& blocks() const { return blocks_; }  // of one MCU
  const JpegHuffmanTable& dc(std::size_t slot) const { return *dc_[slot]; }
  const JpegHuffmanTable& ac(std::size_t slot) const { return *ac_[slot]; }

 private:
  JpegScan() = default;
  bool read_tables(ByteSpan head);

  Size mcu_;
  std::int64_t mcus_across_ = 0;
  std::int64_t mcus_down_ = 0;
  std::int64_t restart_interval_ = 0;
  std::uint64_t offset_ = 0;
  bool is_subsampled_ = false;
  std::vector<Block> blocks_;
  std::array<std::optional<JpegHuffmanTable>, 4> dc_;
  std::array<std::optional<JpegHuffmanTable>, 4> ac_;
};

// The state between two MCUs: all that reading on takes.
struct JpegPosition {
  std::uint64_t bit = 0;             // in the stream, bytes of stuffing counted
  std::array<std::int16_t, 4> dc{};  // of the last block of each component
};

}  // namespace iip
