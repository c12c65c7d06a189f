// Decodes the compressed blocks of one TIFF image with libtiff's codecs.
//
// libtiff never sees the file. For each image a TIFF header of a single block is made in memory,
// with nothing but the checked tags that the codec needs; libtiff opens that and decodes the bytes
// it is given. What libtiff does is thus bounded by the block, not by what the file claims.
//
// Thread-safe. Opened handles are kept for the next block of the same shape; one that failed is
// closed, because a codec's state after an error can not be trusted. What a codec holds is counted
// as long as its handle is open, in use in the budget of the request that opened it, and from when
// it is kept in the pool alone. Codecs that hold whole blocks (a window of zstd) are not kept where
// these are large.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg/header.h"
#include "engine/formats/tiff/image.h"
#include "engine/source/source.h"

namespace iip {

class TiffDecoder {
 public:
  // `image` must outlive the decoder.
  explicit TiffDecoder(const TiffImage& image);
  TiffDecoder(const TiffDecoder&) = delete;
  TiffDecoder& operator=(const TiffDecoder&) = delete;
  ~TiffDecoder();

  // Decodes a block of `rows` rows into `out`, which has room for image.decoded_bytes(rows). Where
  // the block holds fewer pixels the others become neutral, see undecoded.h. `compressed` is
  // written to on the way (bit order) and restored.
  //
  // LERC is decoded by the context's confined decoders. Errors: corrupt; those of the budget (busy,
  // too_large); for LERC those of ConfinedDecoders, and unsupported where there are none.
  Status decode(const ReadContext& context, std::span<std::uint8_t> compressed, std::int64_t rows,
                std::span<std::uint8_t> out) const;

  // What the handles that are kept hold.
  std::uint64_t idle_bytes() const { return idle_bytes_.load(std::memory_order_relaxed); }

 private:
  // What a handle was opened for. A JPEG stream states its own chroma subsampling, and where it
  // differs from the tag the stream is right.
  struct Shape {
    std::int64_t rows = 0;
    Size chroma;
    std::uint64_t bytes = 0;  // that the codec holds at most
    friend bool operator==(const Shape&, const Shape&) = default;
  };
  class Handle;

  Status decode_confined(const ReadContext& context, ByteSpan compressed, std::int64_t rows,
                         std::span<std::uint8_t> out) const;
  std::uint64_t codec_bytes(std::int64_t rows, const JpegHeader* header) const;
  Result<std::unique_ptr<Handle>> open(const Shape& shape, MemoryBudget& budget) const;
  std::unique_ptr<Handle> take(const Shape& shape) const;
  void give_back(std::unique_ptr<Handle> handle) const;
  bool leaves_no_tables(const JpegHeader& header) const;

  const TiffImage& image_;
  mutable Mutex mutex_;
  mutable std::vector<std::unique_ptr<Handle>> idle_ IIP_GUARDED_BY(mutex_);
  mutable std::atomic<std::uint64_t> idle_bytes_{0};  // is written under the lock
};

}  // namespace iip
