#include "engine/plan/size.h"

#include <cmath>
#include <optional>

#include "engine/image/presentation.h"
#include "engine/image/rotated_size.h"

namespace iip {

namespace {

// Larger than every limit, and small enough that its products with a side stay exact enough.
constexpr std::uint64_t kLongestSide = std::uint64_t{1} << 40U;

std::int64_t held(std::uint64_t side) {
  return static_cast<std::int64_t>(std::min(side, kLongestSide));
}

std::int64_t to_pixels(double length) {
  return static_cast<std::int64_t>(
      std::clamp(std::round(length), 1.0, static_cast<double>(kLongestSide)));
}

// The other side of a rectangle of the same shape: side * other / own, rounded, at least 1.
std::int64_t in_proportion(std::int64_t side, std::int64_t own, std::int64_t other) {
  return to_pixels(static_cast<double>(side) * static_cast<double>(other) /
                   static_cast<double>(own));
}

bool exceeds(const Size& size, const Size& box) {
  return size.width > box.width || size.height > box.height;
}

// The largest size of the given shape within the box.
Size fit(const Size& shape, const Size& box) {
  const double by_width = static_cast<double>(box.width) * static_cast<double>(shape.height);
  const double by_height = static_cast<double>(box.height) * static_cast<double>(shape.width);
  if (by_width <= by_height) {
    return {box.width, std::min(box.height, in_proportion(box.width, shape.width, shape.height))};
  }
  return {std::min(box.width, in_proportion(box.height, shape.height, shape.width)), box.height};
}

auto over_limit(const Settings& settings, std::string what) {
  return fail(ErrorKind::malformed, std::move(what) + " is over the limit of " +
                                        std::to_string(settings.max_cvt) +
                                        " pixels for width and height");
}

Size transposed(const Size& size) { return {size.height, size.width}; }
Rect transposed(const Rect& rect) { return {rect.y, rect.x, rect.height, rect.width}; }

// What decides the side that a request leaves open. The members lie as in the image or, to find a
// width from a height, transposed.
struct OpenSide {
  Rect region;
  bool as_whole;
  Size full;
  Size tile;

  OpenSide transpose() const {
    return {transposed(region), as_whole, transposed(full), transposed(tile)};
  }
};

// A viewer that asks for a tile by its width expects the height to be rounded up like the width:
// where `region` is a tile of the announced grid at a scale by which `width` is the region's
// rounded up, the height is too.
std::optional<std::int64_t> height_of_grid_tile(const OpenSide& open, std::int64_t width) {
  const Rect& region = open.region;
  const std::int64_t longest = std::max(open.full.width, open.full.height);
  for (std::int64_t scale = 1; scale <= longest; scale *= 2) {
    const std::int64_t across = open.tile.width * scale;
    const std::int64_t down = open.tile.height * scale;
    if (region.x % across != 0 || region.y % down != 0) break;
    if (region.width == std::min(across, open.full.width - region.x) &&
        region.height == std::min(down, open.full.height - region.y) &&
        width == ceil_div(region.width, scale)) {
      return ceil_div(region.height, scale);
    }
  }
  return std::nullopt;
}

std::int64_t height_for(const OpenSide& open, std::int64_t width) {
  if (const auto height = height_of_grid_tile(open, width)) return *height;
  return in_proportion(width, open.region.width, open.region.height);
}

// One request's answer, step by step.
class Sizing {
 public:
  Sizing(const Rect& region, bool as_whole, double rotation, const ImageInfo& info,
         const Settings& settings)
      : info_(info),
        settings_(settings),
        rotation_(rotation),
        open_{region, as_whole, info.size(), presented_tile_within(info, settings.max_cvt)},
        limit_{settings.max_cvt, settings.max_cvt} {}

  Result<Size> size(const SizeRequest& request) const {
    auto wanted = wanted_size(request);
    if (!wanted) return wanted;
    auto allowed = enlarged_or_not(*wanted, request);
    if (!allowed) return allowed;
    return within_limit(*allowed, request);
  }

  Size size_for_width(std::int64_t width) const {
    if (open_.as_whole) {
      for (std::size_t level = 0; level < info_.levels.size(); ++level) {
        const Size listed = presented_size(info_, level, open_.tile);
        if (listed.width == width) return listed;
      }
    }
    return {width, height_for(open_, width)};
  }

  Size natural() const { return open_.region.size(); }
  // What a request for the largest size gives.
  Size largest(bool enlarging) const {
    return enlarging || is_over_limit(natural()) ? fit_limit(natural()) : natural();
  }

 private:
  bool is_over_limit(const Size& size) const {
    return exceeds(rotated_size(size, rotation_), limit_);
  }

  // The largest size of the given shape within the box and, once it is turned, the limit.
  Size fit_limit(const Size& shape, Size box) const {
    Size size = fit(shape, box);
    // Rounding may leave a pixel too much.
    while (is_over_limit(size)) {
      const Size turned = rotated_size(size, rotation_);
      const double factor = static_cast<double>(limit_.width) /
                            static_cast<double>(std::max(turned.width, turned.height));
      const auto shrunk = [&](std::int64_t side) {
        const auto scaled = static_cast<std::int64_t>(static_cast<double>(side) * factor);
        return std::max<std::int64_t>(1, std::min(scaled, side - 1));
      };
      size = fit(shape, {shrunk(size.width), shrunk(size.height)});
    }
    return size;
  }
  Size fit_limit(const Size& shape) const { return fit_limit(shape, limit_); }

  Size size_for_height(std::int64_t height) const {
    if (open_.as_whole) {
      for (std::size_t level = 0; level < info_.levels.size(); ++level) {
        const Size listed = presented_size(info_, level, open_.tile);
        if (listed.height == height) return listed;
      }
    }
    return {height_for(open_.transpose(), height), height};
  }

  Result<Size> wanted_size(const SizeRequest& request) const {
    using Form = SizeRequest::Form;
    const Size given{held(request.width), held(request.height)};
    const auto empty = [] { return fail(ErrorKind::malformed, "The size is empty"); };
    switch (request.form) {
      case Form::natural:
        return natural();
      case Form::width:
        if (given.width == 0) return empty();
        return size_for_width(given.width);
      case Form::height:
        if (given.height == 0) return empty();
        return size_for_height(given.height);
      case Form::percent:
        return percent_of_region(request);
      case Form::exact:
        if (given.empty()) return empty();
        return given;
      case Form::confined:
        if (given.empty()) return empty();
        return fit_limit(natural(), {std::min(given.width, limit_.width),
                                     std::min(given.height, limit_.height)});
      case Form::largest:
        return largest(request.enlarging == SizeRequest::Enlarging::allowed);
    }
    return fail(ErrorKind::internal, "Unknown form of size");
  }

  // A side that would vanish keeps one pixel; a picture that would vanish is refused.
  Result<Size> percent_of_region(const SizeRequest& request) const {
    if (!(request.percent > 0)) return fail(ErrorKind::malformed, "The size is empty");
    if (request.percent > 100 && request.enlarging == SizeRequest::Enlarging::refused) {
      return fail(ErrorKind::malformed, "More than 100 percent must be asked for with ^");
    }
    const double factor = request.percent / 100;
    const double width = static_cast<double>(natural().width) * factor;
    const double height = static_cast<double>(natural().height) * factor;
    if (width < 0.5 && height < 0.5) return fail(ErrorKind::malformed, "The size is empty");
    return Size{to_pixels(width), to_pixels(height)};
  }

  Result<Size> enlarged_or_not(const Size& wanted, const SizeRequest& request) const {
    if (!exceeds(wanted, natural())) return wanted;
    switch (request.enlarging) {
      case SizeRequest::Enlarging::refused:
        if (request.form == SizeRequest::Form::confined) return natural();
        return fail(ErrorKind::malformed,
                    "The size is larger than the region; enlarging must be asked for with ^");
      case SizeRequest::Enlarging::allowed:
        if (settings_.allow_upscaling) return wanted;
        return fail(ErrorKind::unsupported, "This server does not enlarge images");
      case SizeRequest::Enlarging::silent:
        if (settings_.allow_upscaling) return wanted;
        if (request.form != SizeRequest::Form::exact) return natural();
        return Size{std::min(wanted.width, natural().width),
                    std::min(wanted.height, natural().height)};
    }
    return wanted;
  }

  Result<Size> within_limit(const Size& size, const SizeRequest& request) const {
    using Form = SizeRequest::Form;
    if (!is_over_limit(size)) return size;
    const bool is_explicit = request.form != Form::natural && request.form != Form::largest &&
                             request.form != Form::confined;
    if (is_explicit && request.over_limit == SizeRequest::OverLimit::refused) {
      return over_limit(settings_, exceeds(size, limit_) ? "The size" : "The turned picture");
    }
    return fit_limit(request.form == Form::exact ? size : natural());
  }

  const ImageInfo& info_;
  const Settings& settings_;
  double rotation_;
  OpenSide open_;
  Size limit_;
};

}  // namespace

Result<Delivery> deliver(const Rect& region, bool as_whole, const SizeRequest& request,
                         double rotation, const ImageInfo& info, const Settings& settings) {
  const Sizing sizing(region, as_whole, rotation, info, settings);
  const auto size = sizing.size(request);
  if (!size) return tl::unexpected(size.error());

  Delivery delivery;
  delivery.region = region;
  delivery.scaled = *size;
  delivery.enlarges = exceeds(*size, region.size());
  delivery.is_max_size = *size == sizing.largest(delivery.enlarges);
  // A URI that names this delivery calls the whole image by name.
  const Sizing named(region, region == Rect::of(info.size()), rotation, info, settings);
  delivery.keeps_aspect = named.size_for_width(size->width) == *size;
  return delivery;
}

Status check_turned(const Size& size, double rotation, const Settings& settings) {
  if (std::fmod(rotation, 90) == 0) return {};
  const Size limit{settings.max_cvt, settings.max_cvt};
  if (!exceeds(rotated_size(size, rotation), limit)) return {};
  return over_limit(settings, "The turned tile");
}

}  // namespace iip
