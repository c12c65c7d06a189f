// Raster: decoded pixels.
//
// Samples are interleaved (R G B R G B ...), rows lie `stride()` bytes apart, from top to bottom.
// The storage is on the heap, counted against the request's budget before it is allocated, and
// freed with the raster. Move-only: a copy of pixels is never an accident.
//
// No raster shows what memory held before it, which may be another's picture: storage is given out
// cleared, or as an UnwrittenRaster, which becomes a raster by stating what was written.
//
// Any number of threads may read a raster; while one writes to it, no other may use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "engine/base/budget.h"
#include "engine/image/geometry.h"

namespace iip {

enum class SampleType : std::uint8_t { u8, u16, u32, f32 };

constexpr std::size_t bytes_of(SampleType type) {
  return type == SampleType::u8 ? 1 : type == SampleType::u16 ? 2 : 4;
}

// How the colour of a pixel is to be read: `lab` is CIELAB with the samples L* 0..100, a* and b* as
// they are, always f32; `cmyk` is inks, 0 for none.
enum class ColourModel : std::uint8_t { grey, rgb, lab, cmyk };

constexpr int colours_of(ColourModel model) {
  return model == ColourModel::grey ? 1 : model == ColourModel::cmyk ? 4 : 3;
}

// The channels of a pixel: its colour, then `extra` ones of no stated meaning (further bands of a
// multispectral image), then alpha, where present, which is not associated with the colour (not
// premultiplied).
//
// Integers run from 0: signed ones are stored with ImageInfo::value_offset taken off. u16 holds 9
// to 16 bits as they are in the file, not widened; u8 always has the full range. Floats may be any
// number, also not a number.
struct PixelFormat {
  SampleType type = SampleType::u8;
  ColourModel model = ColourModel::rgb;
  bool alpha = false;
  int extra = 0;

  int colours() const { return colours_of(model); }
  int shown_channels() const { return colours() + extra; }  // those without alpha
  int channels() const { return shown_channels() + (alpha ? 1 : 0); }
  std::size_t pixel_bytes() const { return static_cast<std::size_t>(channels()) * bytes_of(type); }
  friend bool operator==(const PixelFormat&, const PixelFormat&) = default;
};

// Is it what encoders take: grey or RGB of 8 or 16 bits or floats, with alpha or without?
constexpr bool is_picture(const PixelFormat& format) {
  return (format.model == ColourModel::grey || format.model == ColourModel::rgb) &&
         format.extra == 0 && format.type != SampleType::u32;
}

class Raster {
 public:
  // All bytes are 0, those behind each row too. Fails with too_large or busy when the budget has no
  // room, and with busy when the system has no memory.
  static Result<Raster> create(const Size& size, const PixelFormat& format, MemoryBudget& budget);

  const Size& size() const { return size_; }
  const PixelFormat& format() const { return format_; }
  int channels() const { return format_.channels(); }
  // Bytes from one row to the next; a multiple of 64.
  std::size_t stride() const { return stride_; }
  std::uint64_t bytes() const { return reservation_.bytes(); }
  // See Reservation::outlive_budget().
  void outlive_budget() { reservation_.outlive_budget(); }
  // Bytes of pixels in one row, without the padding.
  std::size_t row_bytes() const {
    return static_cast<std::size_t>(size_.width) * format_.pixel_bytes();
  }

  std::uint8_t* row(std::int64_t y) { return data_.get() + static_cast<std::size_t>(y) * stride_; }
  const std::uint8_t* row(std::int64_t y) const {
    return data_.get() + static_cast<std::size_t>(y) * stride_;
  }
  template <class T>
  std::span<T> samples(std::int64_t y) {
    return {reinterpret_cast<T*>(row(y)), row_bytes() / sizeof(T)};
  }
  template <class T>
  std::span<const T> samples(std::int64_t y) const {
    return {reinterpret_cast<const T*>(row(y)), row_bytes() / sizeof(T)};
  }

 private:
  friend class UnwrittenRaster;
  // The pixels begin at a multiple of 64 in `memory`, which is on the heap.
  struct FreeMemory {
    FreeMemory() : memory(nullptr) {}
    explicit FreeMemory(void* of) : memory(of) {}
    void operator()(std::uint8_t* data) const;

    void* memory;
  };
  using Storage = std::unique_ptr<std::uint8_t[], FreeMemory>;

  Raster() = default;
  static Result<Raster> create(const Size& size, const PixelFormat& format, MemoryBudget& budget,
                               Storage (*allocate)(std::uint64_t bytes));
  static Storage cleared_memory(std::uint64_t bytes);
  static Storage memory_as_it_is(std::uint64_t bytes);

  Size size_;
  PixelFormat format_;
  std::size_t stride_ = 0;
  Reservation reservation_;
  Storage data_;
};

// A raster to be, for who writes each of its pixels before any is read: its pixels are what memory
// held, and clearing them first would be for nothing. The bytes behind the rows are cleared.
class UnwrittenRaster {
 public:
  // As Raster::create.
  static Result<UnwrittenRaster> create(const Size& size, const PixelFormat& format,
                                        MemoryBudget& budget);

  // To write to.
  Raster& pixels() { return raster_; }
  // The raster, once its first `rows` rows are written from end to end. Those below are cleared.
  Raster written(std::int64_t rows) &&;

 private:
  explicit UnwrittenRaster(Raster raster) : raster_(std::move(raster)) {}

  Raster raster_;
};

}  // namespace iip
