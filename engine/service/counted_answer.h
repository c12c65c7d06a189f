// CountedAnswer: an answer that is put together of pieces whose lengths the image's file decides.
//
// Its memory is counted in the request's budget before it is taken, and it ends where no client
// needs a longer one: what a small file repeats a thousand times does not fill the server. Belongs
// to one request and its thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/budget.h"
#include "engine/base/bytes.h"

namespace iip {

class CountedAnswer {
 public:
  // Some screens of tiles.
  static constexpr std::uint64_t kMostBytes = std::uint64_t{32} << 20U;

  // The budget must outlive the answer.
  explicit CountedAnswer(MemoryBudget& budget) : budget_(budget) {}

  // Errors: too_large, beyond kMostBytes too; busy.
  Status add(ByteSpan bytes);
  Status add(std::string_view text);
  // Room for `size` bytes more, to be written by the caller before the next call.
  Result<std::span<std::uint8_t>> extend(std::uint64_t size);

  // What was added; it is counted no more.
  Bytes take();

 private:
  MemoryBudget& budget_;
  Reservation memory_;
  ByteVector bytes_;
};

}  // namespace iip
