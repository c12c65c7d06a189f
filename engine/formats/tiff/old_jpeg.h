// Old-style JPEG in TIFF (compression 6), made into the newer style (compression 7).
//
// In TIFF 6.0, section 22, tags hold what a JPEG stream says before its data, or point to a stream
// that says it (JPEGInterchangeFormat), and the blocks of the image are bare entropy-coded data.
// Other writers store whole streams as blocks, as the newer style does. TiffOldJpeg holds what the
// tags give: tables, in the form of the tag JPEGTables of the newer style, and the headers that
// make a stream of a block of either kind.
//
// Immutable, thread-safe. Format: ITU-T T.81, annex B; a bare block is one scan of the baseline
// process, with restart markers counted from its own beginning.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/formats/tiff/structure/directory.h"
#include "engine/image/geometry.h"

namespace iip {

class TiffOldJpeg {
 public:
  // The room that complete() needs around a block's bytes.
  static constexpr std::size_t kRoomInFront = 64;
  static constexpr std::size_t kRoomBehind = 2;

  struct Layout {
    int samples = 1;
    bool separate = false;
    Size chroma{1, 1};  // as the tags have it
  };

  // Errors: unsupported (lossless, say), corrupt.
  static Result<TiffOldJpeg> read(const TiffDirectory& directory, const Layout& layout);

  // SOI, DQT and DHT, EOI; empty where the tags name no tables.
  const Bytes& tables() const { return tables_; }
  // The memory of all that it puts around blocks.
  std::uint64_t bytes() const {
    std::uint64_t sum = tables_.size() + restarts_.capacity();
    for (const Headers& part : headers_) sum += part.frame.capacity() + part.scan.capacity();
    return sum;
  }

  // Makes a block of `size` pixels a JPEG stream. Its bytes lie in `room`, with the room named
  // above around them; the stream is part of `room`. `channel`: which one the block holds, if they
  // are stored separately; else 0. Errors: corrupt.
  Result<std::span<std::uint8_t>> complete(std::span<std::uint8_t> room, const Size& size,
                                           int channel) const;

 private:
  // The headers for the blocks of one channel, or of all channels where these are stored together.
  struct Headers {
    ByteVector frame;  // its size is set for each block
    ByteVector scan;   // empty: the blocks have their own
  };

  Status read_stream(const TiffDirectory& directory, std::uint64_t offset, const Layout& layout);
  Status read_tables(const TiffDirectory& directory, const Layout& layout);

  Bytes tables_;
  ByteVector restarts_;           // DRI; empty: none
  std::vector<Headers> headers_;  // by channel; empty: the blocks must be whole streams
};

}  // namespace iip
