#include "engine/formats/jpeg2000/decode/region.h"

#include <algorithm>
#include <type_traits>
#include <variant>
#include <vector>

#include "engine/formats/jpeg2000/codestream/geometry.h"
#include "engine/formats/jpeg2000/codestream/quantisation.h"
#include "engine/formats/jpeg2000/decode/block_store.h"
#include "engine/formats/jpeg2000/decode/vectors.h"
#include "engine/formats/jpeg2000/decode/wavelet.h"

namespace iip {

namespace {

// The samples of a component, whichever filter they were made with.
using Samples = std::variant<J2kSamples<std::int32_t>, J2kSamples<float>>;

constexpr std::size_t kTransformed = 3;  // components, by the multiple component transform

// Bytes for a sample while it is made: the area of the filter, that of the resolution below, and
// what both were made from.
constexpr std::uint64_t kPerSample = 16;
constexpr std::int64_t kMargin = 16;

// Undo the component transform for one sample of each of the first three components, or for four.
template <class V>
void undo_reversible(V& first, V& second, V& third) {
  const V green = j2k_sum(first, -(j2k_sum(second, third) >> 2));
  first = j2k_sum(third, green);
  third = j2k_sum(second, green);
  second = green;
}

template <class V>
void undo_irreversible(V& first, V& second, V& third) {
  const V red = first + third * 1.402F;
  const V green = first - second * 0.34413F - third * 0.71414F;
  third = first + second * 1.772F;
  second = green;
  first = red;
}

class RegionReader {
 public:
  RegionReader(const ReadContext& context, const J2kHeader& header, const J2kTileIndex& tile,
               const J2kRegionRequest& request, J2kPicture& out)
      : context_(context),
        header_(header),
        tile_(tile),
        request_(request),
        out_(out),
        coarseness_(request.tolerance, header, tile.coding(), request.reduce),
        blocks_(context, header, tile) {}

  Status read();

 private:
  Result<Samples> component(std::size_t number, const Rect& part);
  // The samples of `part` of a resolution, or more: those that its filter area gives.
  template <class T>
  Result<J2kSamples<T>> resolution(std::size_t component, int index, const Rect& part);
  // Memory for an area of a resolution: the picture's own, where the area is the picture's.
  template <class T>
  J2kSamples<T> memory_for(std::size_t component, int index, const Rect& area) const;
  // Sets the samples of all bands at their places in `area`.
  template <class T>
  Status fill_bands(std::size_t component, int index, J2kSamples<T>& area);
  template <class T>
  void fill(std::size_t component, int index, int band, const J2kCell::Block& block,
            J2kSamples<T>& area) const;
  template <class T>
  void store(std::size_t component, const J2kSamples<T>& samples, const Rect& part) const;

  const ReadContext& context_;
  const J2kHeader& header_;
  const J2kTileIndex& tile_;
  const J2kRegionRequest& request_;
  J2kPicture& out_;
  const PassTruncation coarseness_;
  J2kBlockReader blocks_;
};

template <class T>
void RegionReader::fill(std::size_t component, int index, int band, const J2kCell::Block& block,
                        J2kSamples<T>& area) const {
  const int across = band & 1;
  const int down = band >> 1;
  const bool is_lowest = index == 0;
  const Rect wanted = is_lowest ? area.rect : j2k_area_in_band(area.rect, across, down);
  const Rect both = intersect(block.rect, wanted);
  if (both.empty()) return;
  const J2kComponentCoding& coding = tile_.coding().components[component];
  [[maybe_unused]] const float step =
      0.5F * j2k_quantisation(coding, index, band).step(header_.components[component].bits);
  const std::int64_t first = across == 0 ? 0 : area.rect.width - wanted.width;
  for (std::int64_t y = both.y; y < both.bottom(); ++y) {
    const std::int64_t at = (y - block.rect.y) * block.rect.width + (both.x - block.rect.x);
    T* const to = area.row(is_lowest ? y : 2 * y + down) + first + (both.x - wanted.x);
    if (block.values.empty()) {
      std::fill_n(to, both.width, T{});
      continue;
    }
    block.values.visit([&](const auto* values) {
      const auto* const from = values + at;
      j2k_in_vectors<T>(both.width, [&](std::int64_t x, auto as) {
        const auto value = j2k_load_as<decltype(as)>(from + x);
        if constexpr (std::is_same_v<T, float>) {
          j2k_store(value * step, to + x);
        } else {
          j2k_store((value - (value >> 31)) >> 1, to + x);  // towards 0
        }
      });
    });
  }
}

template <class T>
Status RegionReader::fill_bands(std::size_t component, int index, J2kSamples<T>& area) {
  const int first = j2k_first_band(index);
  const int end = j2k_end_band(index);
  const J2kGrid grid = tile_.block_grid(static_cast<int>(component), index);
  std::int64_t left = INT64_MAX;
  std::int64_t top = INT64_MAX;
  std::int64_t right = 0;
  std::int64_t bottom = 0;
  for (int band = first; band < end; ++band) {
    const Rect part = index == 0 ? area.rect : j2k_area_in_band(area.rect, band & 1, band >> 1);
    if (part.empty()) continue;
    left = std::min(left, part.x >> grid.width_log2);
    top = std::min(top, part.y >> grid.height_log2);
    right = std::max(right, ((part.right() - 1) >> grid.width_log2) + 1);
    bottom = std::max(bottom, ((part.bottom() - 1) >> grid.height_log2) + 1);
  }
  for (std::int64_t row = top; row < bottom; ++row) {
    for (std::int64_t column = left; column < right; ++column) {
      const auto cell = blocks_.cell(static_cast<int>(component), index, column, row,
                                     coarseness_.left_out(component, index));
      if (!cell) return tl::unexpected(cell.error());
      for (int band = first; band < end; ++band) {
        fill(component, index, band, (*cell)->block(band - first), area);
      }
    }
  }
  return {};
}

template <class T>
J2kSamples<T> RegionReader::memory_for(std::size_t component, int index, const Rect& area) const {
  if constexpr (std::is_same_v<T, std::int32_t>) {
    const J2kPlane& plane = out_.planes()[component];
    const bool is_last = index == tile_.coding().components[component].levels - request_.reduce;
    if (is_last && area == Rect{plane.left, plane.top, plane.width, plane.height}) {
      return J2kSamples<T>(area, out_.place(component, area.x, area.y));
    }
  }
  return J2kSamples<T>(area);
}

template <class T>
Result<J2kSamples<T>> RegionReader::resolution(std::size_t component, int index, const Rect& part) {
  if (index == 0) {
    J2kSamples<T> lowest = memory_for<T>(component, index, part);
    Status status = fill_bands(component, index, lowest);
    if (!status) return pass_on(status);
    return lowest;
  }
  const J2kComponentCoding& coding = tile_.coding().components[component];
  const J2kComponent& grid = header_.components[component];
  const Rect whole = j2k_resolution(divide_up(tile_.rect(), grid.dx, grid.dy), coding, index).rect;
  J2kSamples<T> area =
      memory_for<T>(component, index, j2k_filter_area(part, whole, coding.reversible));
  const Rect low = j2k_area_in_band(area.rect, 0, 0);
  if (!low.empty()) {
    const auto below = resolution<T>(component, index - 1, low);
    if (!below) return tl::unexpected(below.error());
    for (std::int64_t y = low.y; y < low.bottom(); ++y) {
      std::copy_n(below->row(y) + (low.x - below->rect.x), low.width, area.row(2 * y));
    }
  }
  Status status = fill_bands(component, index, area);
  if (!status) return pass_on(status);
  j2k_inverse_wavelet(area);
  return area;
}

Result<Samples> RegionReader::component(std::size_t number, const Rect& part) {
  const J2kComponentCoding& coding = tile_.coding().components[number];
  const int index = coding.levels - request_.reduce;
  if (coding.reversible) {
    auto samples = resolution<std::int32_t>(number, index, part);
    if (!samples) return pass_on(samples);
    return Samples(std::move(*samples));
  }
  auto samples = resolution<float>(number, index, part);
  if (!samples) return pass_on(samples);
  return Samples(std::move(*samples));
}

// The first three components have the same samples, in `part`.
void undo_transform(std::vector<Samples>& components, const Rect& part) {
  const auto undo = [&]<class T>(J2kSamples<T>& first) {
    auto& second = std::get<J2kSamples<T>>(components[1]);
    auto& third = std::get<J2kSamples<T>>(components[2]);
    for (std::int64_t y = part.y; y < part.bottom(); ++y) {
      T* const a = first.row(y) + (part.x - first.rect.x);
      T* const b = second.row(y) + (part.x - second.rect.x);
      T* const c = third.row(y) + (part.x - third.rect.x);
      j2k_in_vectors<T>(part.width, [&](std::int64_t x, auto of_first) {
        using V = decltype(of_first);
        of_first = j2k_load<V>(a + x);
        V of_second = j2k_load<V>(b + x);
        V of_third = j2k_load<V>(c + x);
        if constexpr (std::is_same_v<T, float>) {
          undo_irreversible(of_first, of_second, of_third);
        } else {
          undo_reversible(of_first, of_second, of_third);
        }
        j2k_store(of_first, a + x);
        j2k_store(of_second, b + x);
        j2k_store(of_third, c + x);
      });
    }
  };
  std::visit(undo, components[0]);
}

// The range of a component's samples, without the shift to numbers from 0.
template <class T>
struct Range {
  T least = 0;
  T most = 0;
};

template <class V, class T>
V in_range(const V& value, const Range<T>& range) {
  const V least = V{} + range.least;
  const V most = V{} + range.most;
  const V above = value > least ? value : least;  // not a number: the least
  return above < most ? above : most;
}

// Floats to the nearest integers, of two as near to the even one: exact below 2^22, as samples are.
template <class V>
auto whole(const V& value) {
  constexpr float kShift = 12582912.0F;  // 1.5 * 2^23
  if constexpr (std::is_same_v<V, float>) {
    return static_cast<std::int32_t>((value + kShift) - kShift);
  } else if constexpr (std::is_same_v<V, J2kVector<float>>) {
    return __builtin_convertvector((value + kShift) - kShift, J2kVector<std::int32_t>);
  } else {
    return value;
  }
}

// Brings samples to the range of their bits, as the decoder of the whole picture does.
template <class T>
void RegionReader::store(std::size_t component, const J2kSamples<T>& samples,
                         const Rect& part) const {
  const J2kComponent& of = header_.components[component];
  const std::int32_t half = std::int32_t{1} << (of.bits - 1);
  const std::int32_t shift = of.is_signed ? 0 : half;
  const Range<T> range{static_cast<T>(-half), static_cast<T>(half - 1)};
  for (std::int64_t y = part.y; y < part.bottom(); ++y) {
    const T* from = samples.row(y) + (part.x - samples.rect.x);
    std::int32_t* to = out_.place(component, part.x, y);
    j2k_in_vectors<T>(part.width, [&](std::int64_t x, auto as) {
      j2k_store(whole(in_range(j2k_load<decltype(as)>(from + x), range)) + shift, to + x);
    });
  }
}

Status RegionReader::read() {
  const std::vector<bool>& is_wanted = request_.is_wanted;
  const bool is_transformed = tile_.coding().multiple_component_transform;
  const bool is_colour_wanted =
      is_transformed && std::find(is_wanted.begin(), is_wanted.begin() + kTransformed, true) !=
                            is_wanted.begin() + kTransformed;
  std::vector<Rect> parts(header_.components.size());  // empty where nothing is to be decoded
  std::uint64_t samples = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!is_wanted[i] && !(is_colour_wanted && i < kTransformed)) continue;
    parts[i] = divide_up(request_.area, header_.components[i].dx, header_.components[i].dy);
    if (parts[i].empty()) continue;
    samples += static_cast<std::uint64_t>((parts[i].width + kMargin) * (parts[i].height + kMargin));
  }
  const Result<Reservation> memory = context_.budget.reserve(samples * kPerSample);
  if (!memory) return tl::unexpected(memory.error());
  std::vector<Samples> components;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) {
      components.emplace_back();
      continue;
    }
    auto decoded = component(i, parts[i]);
    if (!decoded) return pass_on(decoded);
    components.push_back(std::move(*decoded));
  }
  if (is_transformed && !parts[0].empty()) {
    undo_transform(components, parts[0]);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    std::visit([&](const auto& of) { store(i, of, parts[i]); }, components[i]);
  }
  return {};
}

bool is_like(const J2kComponentCoding& a, const J2kComponentCoding& b) {
  return a.reversible == b.reversible && a.levels == b.levels;
}

}  // namespace

bool has_decodable_blocks(const J2kHeader& header, const J2kCoding& coding) {
  for (const J2kComponentCoding& of : coding.components) {
    if ((of.block_style & J2kComponentCoding::kHighThroughput) != 0) return false;
    // Where the lazy mode begins is not told alike by all who write regions of interest.
    if (of.region_shift != 0 && (of.block_style & J2kComponentCoding::kBypass) != 0) return false;
  }
  if (!coding.multiple_component_transform) return true;
  for (std::size_t i = 1; i < kTransformed; ++i) {
    const J2kComponent& first = header.components[0];
    const J2kComponent& other = header.components[i];
    if (first.dx != other.dx || first.dy != other.dy) return false;
    if (!is_like(coding.components[0], coding.components[i])) return false;
  }
  return true;
}

Status decode_j2k_region(const ReadContext& context, const J2kHeader& header,
                         const J2kTileIndex& tile, const J2kRegionRequest& request,
                         J2kPicture& out) {
  return RegionReader(context, header, tile, request, out).read();
}

}  // namespace iip
