// The decoded code-blocks of JPEG 2000 tiles. Decoding them costs more than all else that a request
// does with such a file, and the wavelets need those of a tile's neighbours too. So they are kept
// in the DerivedDataCache as long as there is room, but for the smallest ones.
//
// A cell is what the bands of one resolution of one component have at the same place: up to three
// code-blocks. Thread-safe, but for J2kBlockReader, which belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/derived_data_cache.h"
#include "engine/formats/jpeg2000/decode/block_decoder.h"
#include "engine/formats/jpeg2000/decode/pass_truncation.h"
#include "engine/formats/jpeg2000/index/block_finder.h"
#include "engine/formats/jpeg2000/index/tile_index.h"
#include "engine/source/source.h"

namespace iip {

// Coefficients in 16 bits where those are enough, as they mostly are, and else in 32.
class J2kCoefficients {
 public:
  J2kCoefficients() = default;
  explicit J2kCoefficients(std::vector<std::int16_t> narrow) : narrow_(std::move(narrow)) {}
  explicit J2kCoefficients(std::vector<std::int32_t> wide) : wide_(std::move(wide)) {}

  bool empty() const { return narrow_.empty() && wide_.empty(); }
  // Calls `work` with a pointer to the first.
  template <class Work>
  void visit(const Work& work) const {
    if (wide_.empty()) {
      work(narrow_.data());
    } else {
      work(wide_.data());
    }
  }

 private:
  std::vector<std::int16_t> narrow_;
  std::vector<std::int32_t> wide_;
};

class J2kCell : public Kept {
 public:
  // Doubled coefficients, as J2kBlockDecoder gives them. Empty where all are 0.
  struct Block {
    Rect rect;  // in the band
    J2kCoefficients values;
  };

  J2kCell(std::array<Block, 3> blocks, Reservation memory)
      : blocks_(std::move(blocks)), memory_(std::move(memory)) {
    memory_.outlive_budget();
  }

  // The block of the resolution's first, second or third band: `number` is 0, 1 or 2.
  const Block& block(int number) const { return blocks_[static_cast<std::size_t>(number)]; }
  std::uint64_t bytes() const override { return memory_.bytes(); }

 private:
  const std::array<Block, 3> blocks_;
  Reservation memory_;
};

class J2kBlockReader {
 public:
  // All must outlive the reader. `tile` is of `header`'s file, which `context` has open.
  J2kBlockReader(const ReadContext& context, const J2kHeader& header, const J2kTileIndex& tile)
      : context_(context), header_(header), tile_(tile), finder_(context, tile) {}

  // The cell in column and row of the bands' grids, counted from 0,0 of their coordinates. Errors:
  // corrupt; those of J2kBlockFinder, the file, the budget and the deadline.
  // Cells that passes were left out of are kept as such, beside those with all of them.
  Result<std::shared_ptr<const J2kCell>> cell(int component, int resolution, std::int64_t column,
                                              std::int64_t row, const J2kPassesLeftOut& left_out);

 private:
  struct Place {
    int component = 0;
    int resolution = 0;
    std::int64_t column = 0;
    std::int64_t row = 0;
    J2kPassesLeftOut left_out;
  };
  Result<std::shared_ptr<const J2kCell>> make(const Place& place);
  // Counts what it gives in `memory`.
  Result<J2kCoefficients> decode(const Place& place, int band, const Rect& rect,
                                 Reservation& memory);
  Status read(const J2kBlockData& data);
  std::uint64_t number_of(const Place& place) const;

  const ReadContext& context_;
  const J2kHeader& header_;
  const J2kTileIndex& tile_;
  J2kBlockFinder finder_;
  J2kBlockDecoder decoder_;
  J2kBlockData data_;
  ByteVector bytes_;
  Reservation bytes_memory_;
};

}  // namespace iip
