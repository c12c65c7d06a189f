// ConfinedDecoders: who has a question answered by a decoder of the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/deadline.h"
#include "engine/base/result.h"
#include "engine/confined/confined_block.h"
#include "engine/confined/decoder.h"

namespace iip {

// What a decoder is asked for, and what it may take.
struct ConfinedTask {
  std::size_t decoder = 0;   // its number in the table
  std::uint64_t memory = 0;  // bytes, besides the block's, that the caller has counted already
};

class ConfinedDecoders {
 public:
  virtual ~ConfinedDecoders() = default;
  // Comes back when the block has its answer, or with the decoder's error, and within the deadline.
  // Thread-safe.
  virtual Status run(const ConfinedTask& task, const ConfinedBlock& block,
                     const Deadline& deadline) = 0;
};

// Runs decoders in this very process, which one may end: for programs that want that, like fuzzers.
class UnconfinedDecoders : public ConfinedDecoders {
 public:
  explicit UnconfinedDecoders(std::span<const ConfinedDecoder> table) : table_(table) {}
  Status run(const ConfinedTask& task, const ConfinedBlock& block,
             const Deadline& /*deadline*/) override {
    const ConfinedDecoder& decoder = table_[task.decoder];
    return named(decoder, decoder.decode(block.question(), block.answer()));
  }

 private:
  const std::span<const ConfinedDecoder> table_;
};

}  // namespace iip
