// Blocks of decoded pixels that a source keeps, so that the tiles of a neighbourhood, of which a
// viewer asks for many at a time, are decoded together and once.
//
// Thread-safe. A block is made by the first request for it while the others wait. What is kept is
// counted against a pool, within a bound for each source; the block used least recently goes first.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include "engine/base/budget.h"
#include "engine/base/deadline.h"
#include "engine/base/result.h"
#include "engine/image/raster.h"

namespace iip {

class PixelBlocks {
 public:
  struct Key {
    std::size_t level = 0;
    int layers = 0;
    std::int64_t column = 0;
    std::int64_t row = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  using Make = std::function<Result<Raster>()>;

  // `kept` counts what is held, and outlives it.
  explicit PixelBlocks(MemoryPool* kept) : kept_(kept) {}

  // Copies `part` of the block (counted from its corner) to (x, y) of `out`. `make` gives the whole
  // block where it is not there. Errors: those of `make`.
  Status copy(const Key& key, const Rect& part, const Make& make, const Deadline& deadline,
              Raster& out, std::int64_t x, std::int64_t y);

 private:
  struct Block;
  struct Place {
    Key key;
    std::shared_ptr<const Block> block;  // nullptr while it is made
  };

  void end_making(const Key& key, std::shared_ptr<const Block> block);

  MemoryPool* const kept_;
  std::mutex mutex_;
  std::condition_variable made_;
  std::list<Place> places_;  // the one used last comes first
  std::uint64_t bytes_ = 0;
};

}  // namespace iip
