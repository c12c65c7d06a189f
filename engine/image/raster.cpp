#include "engine/image/raster.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "engine/base/checked.h"

namespace iip {

namespace {
constexpr std::size_t kAlignment = 64;  // a cache line, and the widest vector that SIMD code loads
}

void Raster::FreeMemory::operator()(std::uint8_t*) const { std::free(memory); }

// Pages that come from the system are clear already, and calloc() knows which those are.
Raster::Storage Raster::cleared_memory(std::uint64_t bytes) {
  std::size_t room = 0;
  if (__builtin_add_overflow(bytes, kAlignment, &room)) return nullptr;
  void* const memory = std::calloc(1, room);
  void* first = memory;
  if (memory != nullptr) std::align(kAlignment, bytes, first, room);
  return {static_cast<std::uint8_t*>(first), FreeMemory(memory)};
}

Raster::Storage Raster::memory_as_it_is(std::uint64_t bytes) {
  void* const memory = std::aligned_alloc(kAlignment, bytes);
  return {static_cast<std::uint8_t*>(memory), FreeMemory(memory)};
}

Result<Raster> Raster::create(const Size& size, const PixelFormat& format, MemoryBudget& budget) {
  return create(size, format, budget, cleared_memory);
}

Result<Raster> Raster::create(const Size& size, const PixelFormat& format, MemoryBudget& budget,
                              Storage (*allocate)(std::uint64_t bytes)) {
  constexpr std::int64_t kMaxSide = std::int64_t{1} << 31U;
  if (size.empty() || size.width > kMaxSide || size.height > kMaxSide) {
    return fail(ErrorKind::too_large, "The picture is too large",
                "a raster of " + std::to_string(size.width) + "x" + std::to_string(size.height));
  }
  Raster raster;
  raster.size_ = size;
  raster.format_ = format;
  raster.stride_ = (raster.row_bytes() + kAlignment - 1) / kAlignment * kAlignment;
  // Width and height may be 2^31, and a pixel 16 bytes, so their product may exceed 64 bits.
  const auto wanted =
      saturated_mul<std::uint64_t>(raster.stride_, static_cast<std::uint64_t>(size.height));
  auto reservation = budget.reserve(wanted);
  if (!reservation) return pass_on(reservation);
  raster.reservation_ = std::move(*reservation);
  raster.data_ = allocate(wanted);
  if (!raster.data_) {
    return fail(ErrorKind::busy, "The server is busy; try again shortly",
                "the system has no " + std::to_string(wanted) + " bytes of memory");
  }
  return raster;
}

Result<UnwrittenRaster> UnwrittenRaster::create(const Size& size, const PixelFormat& format,
                                                MemoryBudget& budget) {
  Result<Raster> raster = Raster::create(size, format, budget, Raster::memory_as_it_is);
  if (!raster) return pass_on(raster);
  const std::size_t used = raster->row_bytes();
  const std::size_t padding = raster->stride() - used;
  for (std::int64_t y = 0; padding != 0 && y < size.height; ++y) {
    std::memset(raster->row(y) + used, 0, padding);
  }
  return UnwrittenRaster(std::move(*raster));
}

Raster UnwrittenRaster::written(std::int64_t rows) && {
  const std::int64_t first = std::clamp<std::int64_t>(rows, 0, raster_.size().height);
  const auto below = static_cast<std::size_t>(raster_.size().height - first);
  if (below != 0) std::memset(raster_.row(first), 0, below * raster_.stride());
  return std::move(raster_);
}

}  // namespace iip
