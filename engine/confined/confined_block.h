// ConfinedBlock: the memory that one question and its answer have in common with the process that
// decodes.
//
// It holds the decoder's verdict, the question, and room for the answer; zero at the start, all of
// it allocated, of a size that neither side can change (so that no access to it fails). Who asks
// owns it and its descriptor, and counts it in the budget of the request. For one thread at a time.
//
// Once the descriptor was given away the other process may write anything there at any time: what
// is checked has to be a copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "engine/base/budget.h"
#include "engine/base/bytes.h"
#include "engine/base/file.h"
#include "engine/base/result.h"

namespace iip {

class ConfinedBlock {
 public:
  struct Sizes {
    std::uint64_t question = 0;
    std::uint64_t answer = 0;
  };

  // Errors: too_large or busy by the budget; busy where the system has no memory.
  static Result<ConfinedBlock> create(const Sizes& sizes, MemoryBudget& budget);
  // In the process that decodes. nullopt: the descriptor is not of such a block.
  static std::optional<ConfinedBlock> map(UniqueFd memory, const Sizes& sizes);

  ConfinedBlock(ConfinedBlock&& other) noexcept
      : sizes_(other.sizes_),
        memory_(std::move(other.memory_)),
        mapping_(std::exchange(other.mapping_, {})),
        reservation_(std::move(other.reservation_)) {}
  ConfinedBlock& operator=(ConfinedBlock&&) = delete;
  ~ConfinedBlock();

  const Sizes& sizes() const { return sizes_; }
  int descriptor() const { return memory_.get(); }

  // To be filled before the decoder is asked.
  std::span<std::uint8_t> question() const;
  // Aligned for numbers of any type.
  std::span<std::uint8_t> answer() const;

  // Written by the process that decodes, when it is done.
  void set_verdict(const Status& status) const;
  // A checked copy of it; `internal` where there is none. The text is printable, and short.
  Status verdict() const;

 private:
  ConfinedBlock(const Sizes& sizes, UniqueFd memory, std::span<std::uint8_t> mapping,
                Reservation reservation)
      : sizes_(sizes),
        memory_(std::move(memory)),
        mapping_(mapping),
        reservation_(std::move(reservation)) {}

  const Sizes sizes_;
  UniqueFd memory_;
  std::span<std::uint8_t> mapping_;
  Reservation reservation_;
};

}  // namespace iip
