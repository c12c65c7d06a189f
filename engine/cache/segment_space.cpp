#include "engine/cache/segment_space.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace iip {
namespace {

static_assert(std::atomic_ref<std::uint64_t>::is_always_lock_free &&
                  std::atomic_ref<std::uint32_t>::is_always_lock_free,
              "a lock of this process means nothing to another");

template <class T>
T load(T& place) {
  return std::atomic_ref<T>(place).load(std::memory_order_relaxed);
}

template <class T>
void store(T& place, T value) {
  std::atomic_ref<T>(place).store(value, std::memory_order_relaxed);
}

// As many words as hold the bytes, the last one filled up with zeros.
void store_words(std::span<std::uint64_t> to, ByteSpan from) {
  const std::size_t whole = from.size() / 8;
  const std::uint8_t* bytes = from.data();
  for (std::size_t i = 0; i < whole; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i * 8, 8);
    store(to[i], word);
  }
  if (whole == to.size()) return;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes + whole * 8, from.size() % 8);
  store(to[whole], word);
}

void load_words(std::span<std::uint64_t> from, std::span<std::uint8_t> to) {
  const std::size_t whole = to.size() / 8;
  std::uint8_t* bytes = to.data();
  for (std::size_t i = 0; i < whole; ++i) {
    const std::uint64_t word = load(from[i]);
    std::memcpy(bytes + i * 8, &word, 8);
  }
  if (whole == from.size()) return;
  const std::uint64_t word = load(from[whole]);
  std::memcpy(bytes + whole * 8, &word, to.size() % 8);
}

}  // namespace

// Walks along a chain, word by word.
class ChainWalk {
 public:
  ChainWalk(const SegmentSpace& space, std::uint32_t first, std::uint32_t owner)
      : space_(space), segment_(first), owner_(owner) {}

  // The next words, at most `wanted` and at least one. Empty: the chain has ended or strays.
  std::span<std::uint64_t> next(std::size_t wanted) {
    if (word_ == space_.words_per_segment_) {
      segment_ = load(space_.records_[segment_].next);
      word_ = 0;
    }
    if (word_ == 0 &&
        (segment_ >= space_.count() || load(space_.records_[segment_].owner) != owner_))
      return {};
    const std::size_t size = std::min<std::size_t>(wanted, space_.words_per_segment_ - word_);
    auto* words = reinterpret_cast<std::uint64_t*>(space_.bytes_) +
                  std::size_t{segment_} * space_.words_per_segment_ + word_;
    word_ += static_cast<std::uint32_t>(size);
    return {words, size};
  }

  // Calls visit(words, offset, size) for the runs of words that hold `size` bytes.
  template <class Visit>
  bool each_run(std::size_t size, Visit visit) {
    for (std::size_t offset = 0; offset < size;) {
      const std::span<std::uint64_t> words = next((size - offset + 7) / 8);
      if (words.empty()) return false;
      const std::size_t here = std::min(words.size_bytes(), size - offset);
      visit(words, offset, here);
      offset += here;
    }
    return true;
  }

 private:
  const SegmentSpace& space_;
  std::uint32_t segment_;
  std::uint32_t owner_;
  std::uint32_t word_ = 0;
};

void SegmentSpace::reset() const {
  for (std::uint32_t i = 0; i < count(); ++i) {
    store(records_[i].next, i + 1 < count() ? i + 1 : kNone);
    store(records_[i].owner, kNone);
  }
}

std::optional<std::uint32_t> SegmentSpace::take(std::uint32_t& free_list, std::uint32_t count,
                                                std::uint32_t owner) const {
  const std::uint32_t first = free_list;
  std::uint32_t segment = first;
  std::uint32_t last = first;
  for (std::uint32_t taken = 0; taken < count; ++taken) {
    if (segment >= records_.size() || load(records_[segment].owner) != kNone) return std::nullopt;
    store(records_[segment].owner, owner);
    last = segment;
    segment = load(records_[segment].next);
  }
  store(records_[last].next, kNone);
  free_list = segment;
  return first;
}

bool SegmentSpace::give_back(std::uint32_t& free_list, std::uint32_t first, std::uint32_t count,
                             std::uint32_t owner) const {
  std::uint32_t segment = first;
  std::uint32_t last = first;
  for (std::uint32_t given = 0; given < count; ++given) {
    if (segment >= records_.size() || load(records_[segment].owner) != owner) return false;
    store(records_[segment].owner, kNone);
    last = segment;
    segment = load(records_[segment].next);
  }
  if (segment != kNone) return false;
  store(records_[last].next, free_list);
  free_list = first;
  return true;
}

bool SegmentSpace::copy_in(std::uint32_t first, std::uint32_t owner, ByteSpan bytes) const {
  return ChainWalk(*this, first, owner)
      .each_run(bytes.size(), [bytes](auto words, std::size_t offset, std::size_t size) {
        store_words(words, bytes.subspan(offset, size));
      });
}

bool SegmentSpace::copy_out(std::uint32_t first, std::uint32_t owner,
                            std::span<std::uint8_t> bytes) const {
  return ChainWalk(*this, first, owner)
      .each_run(bytes.size(), [bytes](auto words, std::size_t offset, std::size_t size) {
        load_words(words, bytes.subspan(offset, size));
      });
}

}  // namespace iip
