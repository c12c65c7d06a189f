#include "engine/image/raster.h"

#include <cstdlib>

#include "engine/base/checked.h"

namespace iip {

namespace {
constexpr std::size_t kAlignment = 64;  // a cache line, and the widest vector that SIMD code loads
}

void Raster::FreeAligned::operator()(std::uint8_t* data) const { std::free(data); }

Result<Raster> Raster::create(const Size& size, const PixelFormat& format, MemoryBudget& budget) {
  constexpr std::int64_t kMaxSide = std::int64_t{1} << 31U;
  if (size.empty() || size.width > kMaxSide || size.height > kMaxSide) {
    return fail(ErrorKind::too_large, "The picture is too large",
                "a raster of " + std::to_string(size.width) + "x" + std::to_string(size.height));
  }
  Raster raster;
  raster.size_ = size;
  raster.format_ = format;
  raster.stride_ = (raster.row_bytes() + kAlignment - 1) / kAlignment * kAlignment;
  // Both sides may be 2^31, and a pixel 16 bytes: the product need not fit 64 bits.
  const auto wanted =
      saturated_mul<std::uint64_t>(raster.stride_, static_cast<std::uint64_t>(size.height));
  auto reservation = budget.reserve(wanted);
  if (!reservation) return pass_on(reservation);
  raster.reservation_ = std::move(*reservation);
  raster.data_.reset(static_cast<std::uint8_t*>(std::aligned_alloc(kAlignment, wanted)));
  if (!raster.data_) {
    return fail(ErrorKind::busy, "The server is busy; try again shortly",
                "the system has no " + std::to_string(wanted) + " bytes of memory");
  }
  return raster;
}

}  // namespace iip
