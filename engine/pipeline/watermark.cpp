#include "engine/pipeline/watermark.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace iip {

namespace {

struct Point {
  std::int64_t x;
  std::int64_t y;
};

// 0 <= fraction < 1, from the upper bits of a hash.
double fraction_of(std::uint64_t hash) { return std::ldexp(static_cast<double>(hash >> 11U), -53); }

// A whole number from 0 to `most`.
std::int64_t whole_of(std::uint32_t hash, std::int64_t most) {
  const auto choices = static_cast<double>(std::max<std::int64_t>(most, 0) + 1);
  return static_cast<std::int64_t>(std::ldexp(static_cast<double>(hash), -32) * choices);
}

// Where in the block the mark begins; nullopt: it has none.
std::optional<Point> draw(const Rect& block, const Size& mark, const MarkedPart& where) {
  Hasher hasher;
  hasher.add(where.image.high);
  hasher.add(where.image.low);
  hasher.add(where.plane.width);
  hasher.add(where.plane.height);
  hasher.add(block.x);
  hasher.add(block.y);
  const Digest digest = hasher.digest();
  if (fraction_of(digest.low) >= where.probability) return std::nullopt;
  const auto across = static_cast<std::uint32_t>(digest.high >> 32U);
  const auto down = static_cast<std::uint32_t>(digest.high & UINT32_MAX);
  return Point{block.x + whole_of(across, block.width - mark.width),
               block.y + whole_of(down, block.height - mark.height)};
}

// What a draw takes, in samples of a Checkpoint.
constexpr std::uint64_t kDraw = 256;

constexpr std::uint16_t kFull = std::numeric_limits<std::uint16_t>::max();

template <class T>
std::uint16_t spread(T sample, double white) {
  return static_cast<std::uint16_t>(std::lround(std::min(sample / white, 1.0) * kFull));
}

}  // namespace

Result<Watermark> Watermark::from(const Raster& raster, int bits) {
  const PixelFormat& format = raster.format();
  const bool grey = format.model == ColourModel::grey;
  const bool whole = format.type == SampleType::u8 || format.type == SampleType::u16;
  if (!whole || (!grey && format.model != ColourModel::rgb)) {
    return fail(ErrorKind::unsupported, "A watermark is grey or RGB, of 8 or 16 bits a channel");
  }
  Watermark mark;
  mark.size_ = raster.size();
  mark.pixels_.reserve(static_cast<std::size_t>(raster.size().area()));
  const auto append = [&](auto samples, double white) {
    const auto channels = static_cast<std::size_t>(raster.channels());
    for (std::size_t i = 0; i < samples.size(); i += channels) {
      const std::uint16_t red = spread(samples[i], white);
      const std::uint16_t green = grey ? red : spread(samples[i + 1], white);
      const std::uint16_t blue = grey ? red : spread(samples[i + 2], white);
      const auto luma =
          static_cast<std::uint16_t>(std::lround(0.299 * red + 0.587 * green + 0.114 * blue));
      const std::uint16_t alpha = format.alpha ? spread(samples[i + channels - 1], white) : kFull;
      mark.pixels_.push_back({red, green, blue, luma, alpha});
    }
  };
  for (std::int64_t y = 0; y < raster.size().height; ++y) {
    if (format.type == SampleType::u8) {
      append(raster.samples<std::uint8_t>(y), 255);
    } else {
      append(raster.samples<std::uint16_t>(y), std::ldexp(1.0, std::clamp(bits, 9, 16)) - 1);
    }
  }
  return mark;
}

// Porter and Duff's "over", with colours that are not multiplied by their alpha.
template <class T>
void Watermark::blend(T* to, const PixelFormat& format, const Pixel& over, double opacity) const {
  constexpr double kWhite = std::numeric_limits<T>::max();
  const double above = static_cast<double>(over.alpha) / kFull * opacity;
  if (above == 0) return;
  const int last = format.channels() - 1;
  const double below = (format.alpha ? to[last] / kWhite : 1.0) * (1 - above);
  const double whole = above + below;
  const auto mix = [&](T& sample, std::uint16_t mark) {
    const double colour = (mark * kWhite / kFull * above + sample * below) / whole;
    sample = static_cast<T>(std::lround(colour));
  };
  if (format.model == ColourModel::grey) {
    mix(to[0], over.grey);
  } else {
    mix(to[0], over.red);
    mix(to[1], over.green);
    mix(to[2], over.blue);
  }
  if (format.alpha) to[last] = static_cast<T>(std::lround(whole * kWhite));
}

template <class T>
Status Watermark::lay_into(Raster& raster, const Rect& block, const MarkedPart& where,
                           Checkpoint& checkpoint) const {
  const auto place = draw(block, size_, where);
  if (auto in_time = checkpoint.pass(kDraw); !in_time) return in_time;
  if (!place) return {};
  const Rect mark = intersect({place->x, place->y, size_.width, size_.height}, block);
  const Rect shown = intersect(mark, where.part);
  if (shown.empty()) return {};
  const auto samples = static_cast<std::uint64_t>(shown.width) * Checkpoint::kSlow;
  const PixelFormat& format = raster.format();
  for (std::int64_t y = shown.y; y < shown.bottom(); ++y) {
    T* to =
        raster.samples<T>(y - where.part.y).data() + (shown.x - where.part.x) * format.channels();
    for (std::int64_t x = shown.x; x < shown.right(); ++x, to += format.channels()) {
      blend(to, format, pixel(x - place->x, y - place->y), where.opacity);
    }
    if (auto in_time = checkpoint.pass(samples); !in_time) return in_time;
  }
  return {};
}

Status Watermark::lay_over(Raster& raster, const MarkedPart& where,
                           const Deadline& deadline) const {
  const PixelFormat& format = raster.format();
  const bool deep = format.type == SampleType::u16;
  const bool colours = format.model == ColourModel::grey || format.model == ColourModel::rgb;
  if ((!deep && format.type != SampleType::u8) || !colours || raster.size() != where.part.size()) {
    return fail(ErrorKind::internal, "The picture can not be marked",
                "a watermark over neither grey nor RGB of 8 or 16 bits");
  }
  Checkpoint checkpoint(deadline);
  for (std::int64_t y = where.part.y / where.block * where.block; y < where.part.bottom();
       y += where.block) {
    for (std::int64_t x = where.part.x / where.block * where.block; x < where.part.right();
         x += where.block) {
      const Rect block = intersect({x, y, where.block, where.block}, Rect::of(where.plane));
      if (block.empty()) continue;
      auto laid = deep ? lay_into<std::uint16_t>(raster, block, where, checkpoint)
                       : lay_into<std::uint8_t>(raster, block, where, checkpoint);
      if (!laid) return laid;
    }
  }
  return {};
}

}  // namespace iip
