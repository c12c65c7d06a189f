#include "engine/source/pixel_blocks.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "engine/source/pool_share.h"

namespace iip {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 20;  // of one source
constexpr auto kPatience = std::chrono::milliseconds(50);      // between two looks at the deadline

}  // namespace

struct PixelBlocks::Block {
  Block(const Raster& raster, MemoryPool* pool)
      : row_bytes(raster.row_bytes()),
        pixel_bytes(raster.format().pixel_bytes()),
        bytes(row_bytes * static_cast<std::uint64_t>(raster.size().height)),
        share(pool, bytes) {
    if (!share.has_room()) return;
    pixels = std::make_unique_for_overwrite<std::uint8_t[]>(bytes);
    for (std::int64_t y = 0; y < raster.size().height; ++y) {
      std::memcpy(pixels.get() + static_cast<std::size_t>(y) * row_bytes, raster.row(y), row_bytes);
    }
  }

  std::size_t row_bytes;
  std::size_t pixel_bytes;
  std::uint64_t bytes;
  PoolShare share;
  std::unique_ptr<std::uint8_t[]> pixels;
};

namespace {

void copy_rows(const std::uint8_t* pixels, std::size_t stride, std::size_t pixel_bytes,
               const Rect& part, Raster& out, std::int64_t x, std::int64_t y) {
  const auto offset = static_cast<std::size_t>(part.x) * pixel_bytes;
  for (std::int64_t row = 0; row < part.height; ++row) {
    std::memcpy(out.row(y + row) + static_cast<std::size_t>(x) * pixel_bytes,
                pixels + static_cast<std::size_t>(part.y + row) * stride + offset,
                static_cast<std::size_t>(part.width) * pixel_bytes);
  }
}

}  // namespace

Status PixelBlocks::copy(const Key& key, const Rect& part, const Make& make,
                         const Deadline& deadline, Raster& out, std::int64_t x, std::int64_t y) {
  const auto is_this = [&key](const Place& place) { return place.key == key; };
  {
    std::unique_lock lock(mutex_);
    for (;;) {
      const auto place = std::find_if(places_.begin(), places_.end(), is_this);
      if (place == places_.end()) break;
      if (const std::shared_ptr<const Block> block = place->block) {
        places_.splice(places_.begin(), places_, place);
        lock.unlock();
        copy_rows(block->pixels.get(), block->row_bytes, block->pixel_bytes, part, out, x, y);
        return {};
      }
      made_.wait_for(lock, kPatience);
      if (auto in_time = deadline.check(); !in_time) return in_time;
    }
    places_.push_front({key, nullptr});
  }
  std::shared_ptr<const Block> block;
  // Whatever happens, those who wait must hear of it.
  struct Finish {
    PixelBlocks& blocks;
    const Key& key;
    std::shared_ptr<const Block>& block;
    ~Finish() { blocks.end_making(key, std::move(block)); }
  } const finish{*this, key, block};
  const Result<Raster> raster = make();
  if (!raster) return tl::unexpected(raster.error());
  copy_rows(raster->row(0), raster->stride(), raster->format().pixel_bytes(), part, out, x, y);
  auto kept = std::make_shared<const Block>(*raster, kept_);
  if (kept->share.has_room()) block = std::move(kept);
  return {};
}

void PixelBlocks::end_making(const Key& key, std::shared_ptr<const Block> block) {
  const std::lock_guard lock(mutex_);
  const auto place = std::find_if(places_.begin(), places_.end(),
                                  [&key](const Place& of) { return of.key == key; });
  if (place != places_.end() && block) {
    bytes_ += block->bytes;
    place->block = std::move(block);
  } else if (place != places_.end()) {
    places_.erase(place);
  }
  for (auto last = places_.end(); bytes_ > kMostBytes && last != places_.begin();) {
    --last;
    if (!last->block) continue;
    bytes_ -= last->block->bytes;
    last = places_.erase(last);
  }
  made_.notify_all();
}

}  // namespace iip
