// Resampling. Bilinear, bicubic (Catmull-Rom) and three-lobed Lanczos are zimg's, whose footprint
// widens with the ratio when shrinking, so that every source pixel has its share in the result.
//
// zimg sees a window of the raster: the source rectangle and what the filter reaches around it.
// Lines are split into planes as zimg asks for them; planes of the whole window never exist. Where
// the window ends at the raster's edge, zimg goes on with the mirrored picture: in a reduction a
// border line that were repeated instead would weigh many times as much as the lines inside.
#include <zimg.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "engine/image/box_shrink.h"
#include "engine/pipeline/planes.h"
#include "engine/pipeline/stages.h"

namespace iip {

namespace {

// Above this ratio averages of whole cells do the coarse part, down to half of it or more.
constexpr double kMaxFilterRatio = 16;

struct Filter {
  zimg_resample_filter_e type;
  double a;  // zimg's parameters of the filter
  double b;
  double support;  // its radius at ratio 1, in source pixels
};

Filter filter_of(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::bilinear:
      return {ZIMG_RESIZE_BILINEAR, NAN, NAN, 1};
    case Interpolation::lanczos:
      return {ZIMG_RESIZE_LANCZOS, 3, NAN, 3};
    default:
      return {ZIMG_RESIZE_BICUBIC, 0, 0.5, 2};
  }
}

bool is_whole(double value) { return value == std::floor(value); }

// One axis of the window: `count` columns (or lines) of the raster from `first`; `start` and
// `length` are the source rectangle's, counted from `first`.
struct WindowAxis {
  std::int64_t first;
  std::int64_t count;
  double start;
  double length;
};

WindowAxis window_axis(double start, double length, std::int64_t output, std::int64_t limit,
                       double support) {
  const auto wanted = static_cast<double>(output);
  const auto floor_of = static_cast<std::int64_t>(std::floor(start));
  if (is_whole(start) && length == wanted) return {floor_of, output, 0, length};
  const auto reach =
      static_cast<std::int64_t>(std::ceil(support * std::max(1.0, length / wanted))) + 1;
  const std::int64_t first = std::max<std::int64_t>(0, floor_of - reach);
  const std::int64_t end =
      std::min(limit, static_cast<std::int64_t>(std::ceil(start + length)) + reach);
  return {first, end - first, start - static_cast<double>(first), length};
}

// A ring of lines, split into planes, in counted memory.
class LineRing {
 public:
  // `lines` as zimg states it: the lines that it looks at together, at most `height`.
  static Result<LineRing> create(std::int64_t width, std::int64_t height, unsigned lines,
                                 const PixelFormat& format, MemoryBudget& budget) {
    const bool whole = lines >= height;
    const std::int64_t count = whole ? height : static_cast<std::int64_t>(std::bit_ceil(lines));
    const auto bytes = static_cast<std::int64_t>(plane_sample_bytes(format));
    // Rasters are what memory is counted in, and have the alignment that zimg needs.
    auto memory = Raster::create({width * bytes, count * format.channels()},
                                 {SampleType::u8, ColourModel::grey, false}, budget);
    if (!memory) return pass_on(memory);
    const unsigned mask = whole ? ZIMG_BUFFER_MAX : static_cast<unsigned>(count) - 1;
    return LineRing(std::move(*memory), format, count, mask);
  }

  std::uint8_t* plane(int channel) { return memory_.row(channel * count_); }
  std::ptrdiff_t stride() const { return static_cast<std::ptrdiff_t>(memory_.stride()); }
  unsigned mask() const { return mask_; }

  PlanePointers at(unsigned line, std::size_t column) {
    PlanePointers pointers{};
    for (int c = 0; c < format_.channels(); ++c) {
      pointers[static_cast<std::size_t>(c)] =
          memory_.row(c * count_ + (line & mask_)) + column * plane_sample_bytes(format_);
    }
    return pointers;
  }

  // zimg expects alpha in its fourth plane, whatever the colours are.
  template <class ZimgBuffer>
  ZimgBuffer buffer() {
    ZimgBuffer result{};
    result.version = ZIMG_API_VERSION;
    for (int c = 0; c < format_.channels(); ++c) {
      const bool is_alpha = format_.alpha && c == format_.channels() - 1;
      result.plane[is_alpha ? 3 : c] = {plane(c), stride(), mask()};
    }
    return result;
  }

 private:
  LineRing(Raster memory, const PixelFormat& format, std::int64_t count, unsigned mask)
      : memory_(std::move(memory)), format_(format), count_(count), mask_(mask) {}

  Raster memory_;
  PixelFormat format_;
  std::int64_t count_;
  unsigned mask_;
};

struct Feed {
  const Raster& raster;
  WindowAxis across;
  WindowAxis down;
  LineRing& ring;

  // Makes columns [left, right) of a line of the window.
  void line(unsigned index, std::size_t left, std::size_t right) {
    const auto x = static_cast<std::size_t>(across.first) + left;
    split_line(raster.row(down.first + index) + x * raster.format().pixel_bytes(), right - left,
               raster.format(), ring.at(index, left));
  }
};

struct Drain {
  Raster& raster;
  LineRing& ring;

  void line(unsigned index, std::size_t left, std::size_t right) {
    const PlanePointers planes = ring.at(index, left);
    join_line({planes[0], planes[1], planes[2], planes[3]}, right - left, raster.format(),
              raster.row(index) + left * raster.format().pixel_bytes());
  }
};

template <class T>
int on_line(void* user, unsigned index, unsigned left, unsigned right) noexcept {
  static_cast<T*>(user)->line(index, left, right);
  return 0;
}

struct FreeGraph {
  void operator()(zimg_filter_graph* graph) const { zimg_filter_graph_free(graph); }
};
using Graph = std::unique_ptr<zimg_filter_graph, FreeGraph>;

zimg_image_format zimg_format(const PixelFormat& format, std::int64_t width, std::int64_t height) {
  const bool rgb = format.model == ColourModel::rgb;
  zimg_image_format result;
  zimg_image_format_default(&result, ZIMG_API_VERSION);
  result.width = static_cast<unsigned>(width);
  result.height = static_cast<unsigned>(height);
  result.pixel_type = format.alpha ? ZIMG_PIXEL_WORD : ZIMG_PIXEL_BYTE;
  result.pixel_range = ZIMG_RANGE_FULL;
  result.color_family = rgb ? ZIMG_COLOR_RGB : ZIMG_COLOR_GREY;
  result.matrix_coefficients = rgb ? ZIMG_MATRIX_RGB : ZIMG_MATRIX_UNSPECIFIED;
  result.alpha = format.alpha ? ZIMG_ALPHA_PREMULTIPLIED : ZIMG_ALPHA_NONE;
  return result;
}

Graph build_graph(const PixelFormat& format, const WindowAxis& across, const WindowAxis& down,
                  const Size& size, const Filter& filter) {
  zimg_image_format from = zimg_format(format, across.count, down.count);
  from.active_region = {across.start, down.start, across.length, down.length};
  const zimg_image_format to = zimg_format(format, size.width, size.height);
  zimg_graph_builder_params params;
  zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
  params.resample_filter = filter.type;
  params.filter_param_a = filter.a;
  params.filter_param_b = filter.b;
  params.cpu_type = ZIMG_CPU_AUTO;
  return Graph(zimg_filter_graph_build(&from, &to, &params));
}

tl::unexpected<Error> zimg_failure() {
  std::array<char, 256> text{};
  const bool no_memory = zimg_get_last_error(text.data(), text.size()) == ZIMG_ERROR_OUT_OF_MEMORY;
  return fail(no_memory ? ErrorKind::busy : ErrorKind::internal,
              no_memory ? "The server is busy; try again shortly" : "The picture can not be scaled",
              std::string("zimg: ") + text.data());
}

// zimg's tables of filter taps, which it allocates by itself: 4-byte taps and their places for each
// output column and line.
std::uint64_t table_bytes(const WindowAxis& across, const WindowAxis& down, const Size& size,
                          const Filter& filter) {
  const auto axis = [&](double length, std::int64_t output) {
    const double ratio = std::max(1.0, length / static_cast<double>(output));
    return (2 * filter.support * ratio + 16) * 8 * static_cast<double>(output);
  };
  return static_cast<std::uint64_t>(axis(across.length, size.width) +
                                    axis(down.length, size.height));
}

Result<Raster> filtered(const Raster& input, const RectF& source, const Size& size,
                        const Filter& filter, MemoryBudget& budget) {
  const PixelFormat& format = input.format();
  const WindowAxis across =
      window_axis(source.x, source.width, size.width, input.size().width, filter.support);
  const WindowAxis down =
      window_axis(source.y, source.height, size.height, input.size().height, filter.support);

  auto output = Raster::create(size, format, budget);
  if (!output) return output;
  auto tables = budget.reserve(table_bytes(across, down, size, filter));
  if (!tables) return pass_on(tables);
  const Graph graph = build_graph(format, across, down, size, filter);
  if (!graph) return zimg_failure();

  std::size_t scratch_bytes = 0;
  unsigned lines_in = 0;
  unsigned lines_out = 0;
  if (zimg_filter_graph_get_tmp_size(graph.get(), &scratch_bytes) != ZIMG_ERROR_SUCCESS ||
      zimg_filter_graph_get_input_buffering(graph.get(), &lines_in) != ZIMG_ERROR_SUCCESS ||
      zimg_filter_graph_get_output_buffering(graph.get(), &lines_out) != ZIMG_ERROR_SUCCESS) {
    return zimg_failure();
  }
  auto scratch =
      Raster::create({static_cast<std::int64_t>(std::max<std::size_t>(scratch_bytes, 1)), 1},
                     {SampleType::u8, ColourModel::grey, false}, budget);
  if (!scratch) return scratch;
  auto ring_in = LineRing::create(across.count, down.count, lines_in, format, budget);
  if (!ring_in) return pass_on(ring_in);
  auto ring_out = LineRing::create(size.width, size.height, lines_out, format, budget);
  if (!ring_out) return pass_on(ring_out);

  Feed feed{input, across, down, *ring_in};
  Drain drain{*output, *ring_out};
  const auto from = ring_in->buffer<zimg_image_buffer_const>();
  const auto to = ring_out->buffer<zimg_image_buffer>();
  if (zimg_filter_graph_process(graph.get(), &from, &to, scratch->row(0), on_line<Feed>, &feed,
                                on_line<Drain>, &drain) != ZIMG_ERROR_SUCCESS) {
    return zimg_failure();
  }
  return output;
}

Result<Raster> cropped(Raster input, const Rect& rect, MemoryBudget& budget) {
  if (rect == Rect::of(input.size())) return input;
  auto output = Raster::create(rect.size(), input.format(), budget);
  if (!output) return output;
  const std::size_t skipped = static_cast<std::size_t>(rect.x) * input.format().pixel_bytes();
  for (std::int64_t y = 0; y < rect.height; ++y) {
    std::memcpy(output->row(y), input.row(rect.y + y) + skipped, output->row_bytes());
  }
  return output;
}

// Each output pixel is the source pixel below its centre.
Result<Raster> nearest(const Raster& input, const RectF& source, const Size& size,
                       MemoryBudget& budget) {
  auto output = Raster::create(size, input.format(), budget);
  if (!output) return output;
  const auto place = [](double start, double length, std::int64_t index, std::int64_t count,
                        std::int64_t limit) {
    const double at =
        start + (static_cast<double>(index) + 0.5) * length / static_cast<double>(count);
    return std::clamp(static_cast<std::int64_t>(std::floor(at)), std::int64_t{0}, limit - 1);
  };
  const std::size_t bytes = input.format().pixel_bytes();
  for (std::int64_t y = 0; y < size.height; ++y) {
    const std::uint8_t* from =
        input.row(place(source.y, source.height, y, size.height, input.size().height));
    std::uint8_t* to = output->row(y);
    for (std::int64_t x = 0; x < size.width; ++x, to += bytes) {
      const std::int64_t column = place(source.x, source.width, x, size.width, input.size().width);
      std::memcpy(to, from + static_cast<std::size_t>(column) * bytes, bytes);
    }
  }
  return output;
}

// The factor by which whole cells are averaged before the filter.
std::int64_t coarse_factor(double length, std::int64_t output) {
  const double ratio = length / static_cast<double>(output);
  return ratio <= kMaxFilterRatio ? 1 : static_cast<std::int64_t>(ratio / (kMaxFilterRatio / 2));
}

bool lies_within(const RectF& rect, const Size& size) {
  return rect.x >= 0 && rect.y >= 0 && rect.width > 0 && rect.height > 0 &&
         rect.x + rect.width <= static_cast<double>(size.width) &&
         rect.y + rect.height <= static_cast<double>(size.height);
}

}  // namespace

Result<Raster> resample(Raster input, const RectF& source, const Size& size,
                        Interpolation interpolation, MemoryBudget& budget) {
  if (!lies_within(source, input.size()) || size.empty()) {
    return fail(ErrorKind::internal, "The picture can not be scaled",
                "resample: the source rectangle is empty or not within the raster");
  }
  if (is_whole(source.x) && is_whole(source.y) && source.width == static_cast<double>(size.width) &&
      source.height == static_cast<double>(size.height)) {
    const Rect rect{static_cast<std::int64_t>(source.x), static_cast<std::int64_t>(source.y),
                    size.width, size.height};
    return cropped(std::move(input), rect, budget);
  }
  if (interpolation == Interpolation::nearest) return nearest(input, source, size, budget);
  if (input.format().type != SampleType::u8) {
    return fail(ErrorKind::unsupported, "Scaling pictures of more than 8 bits is not supported");
  }

  RectF part = source;
  const std::int64_t factor_x = coarse_factor(source.width, size.width);
  const std::int64_t factor_y = coarse_factor(source.height, size.height);
  if (factor_x > 1 || factor_y > 1) {
    auto coarse = box_shrink(std::move(input), factor_x, factor_y, budget);
    if (!coarse) return coarse;
    input = std::move(*coarse);
    const auto fx = static_cast<double>(factor_x);
    const auto fy = static_cast<double>(factor_y);
    part = {source.x / fx, source.y / fy, source.width / fx, source.height / fy};
  }
  return filtered(input, part, size, filter_of(interpolation), budget);
}

}  // namespace iip
