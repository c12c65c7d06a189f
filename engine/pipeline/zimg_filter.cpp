#include "engine/pipeline/zimg_filter.h"

#include <zimg.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <memory>
#include <string>

#include "engine/base/checkpoint.h"
#include "engine/image/raster.h"

namespace iip {

namespace {

struct Filter {
  zimg_resample_filter_e type;
  double a;  // zimg's parameters of the filter
  double b;
  double support;  // its radius at ratio 1, in source pixels
};

// Catmull-Rom is the bicubic filter.
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

WindowAxis window_axis(double start, double length, std::int64_t output, std::int64_t limit,
                       double support) {
  const auto wanted = static_cast<double>(output);
  const auto floor_of = static_cast<std::int64_t>(std::floor(start));
  if (start == std::floor(start) && length == wanted) return {floor_of, output, 0, length};
  const auto reach =
      static_cast<std::int64_t>(std::ceil(support * std::max(1.0, length / wanted))) + 1;
  const std::int64_t first = std::max<std::int64_t>(0, floor_of - reach);
  const std::int64_t end =
      std::min(limit, static_cast<std::int64_t>(std::ceil(start + length)) + reach);
  return {first, end - first, start - static_cast<double>(first), length};
}

// Rasters are what memory is counted in, and have the alignment that zimg needs.
Result<Raster> counted_memory(std::int64_t line_bytes, std::int64_t lines, MemoryBudget& budget) {
  return Raster::create({line_bytes, lines}, {SampleType::u8, ColourModel::grey, false}, budget);
}

// A ring of lines, split into planes, in counted memory.
class LineRing {
 public:
  // `lines` as zimg states it: the lines that it looks at together, at most `height`.
  static Result<LineRing> create(std::int64_t width, std::int64_t height, unsigned lines,
                                 const PlaneLayout& layout, MemoryBudget& budget) {
    const bool whole = lines >= height;
    const std::int64_t count = whole ? height : static_cast<std::int64_t>(std::bit_ceil(lines));
    const auto bytes = static_cast<std::int64_t>(bytes_of(layout.type));
    auto memory = counted_memory(width * bytes, count * layout.count(), budget);
    if (!memory) return pass_on(memory);
    const unsigned mask = whole ? ZIMG_BUFFER_MAX : static_cast<unsigned>(count) - 1;
    return LineRing(std::move(*memory), layout, count, mask);
  }

  template <class Pointers>
  Pointers at(unsigned line, std::size_t column) {
    Pointers pointers{};
    for (int p = 0; p < layout_.count(); ++p) {
      pointers[static_cast<std::size_t>(p)] =
          memory_.row(p * count_ + (line & mask_)) + column * bytes_of(layout_.type);
    }
    return pointers;
  }

  // zimg expects alpha in its fourth plane, whatever the colours are.
  template <class ZimgBuffer>
  ZimgBuffer buffer() {
    ZimgBuffer result{};
    result.version = ZIMG_API_VERSION;
    for (int p = 0; p < layout_.count(); ++p) {
      const bool is_alpha = p == layout_.colours;
      result.plane[is_alpha ? 3 : p] = {memory_.row(p * count_),
                                        static_cast<std::ptrdiff_t>(memory_.stride()), mask_};
    }
    return result;
  }

 private:
  LineRing(Raster memory, const PlaneLayout& layout, std::int64_t count, unsigned mask)
      : memory_(std::move(memory)), layout_(layout), count_(count), mask_(mask) {}

  Raster memory_;
  PlaneLayout layout_;
  std::int64_t count_;
  unsigned mask_;
};

// What a pixel of a line stands for at a Checkpoint: it has several taps on each axis.
constexpr std::uint64_t kSamplesAPixel = 8;

struct Feed {
  LineReader& reader;
  LineRing& ring;
  Checkpoint checkpoint;

  void line(unsigned index, std::size_t left, std::size_t right) {
    reader.read(index, left, right, ring.at<PlanePointers>(index, left));
  }
};

struct Drain {
  LineWriter& writer;
  LineRing& ring;
  Checkpoint checkpoint;

  void line(unsigned index, std::size_t left, std::size_t right) {
    writer.write(index, left, right, ring.at<ConstPlanePointers>(index, left));
  }
};

constexpr int kStop = 1;

template <class T>
int on_line(void* user, unsigned index, unsigned left, unsigned right) noexcept {
  T& end = *static_cast<T*>(user);
  end.line(index, left, right);
  return end.checkpoint.ends((right - left) * kSamplesAPixel) ? kStop : 0;
}

struct FreeGraph {
  void operator()(zimg_filter_graph* graph) const { zimg_filter_graph_free(graph); }
};
using Graph = std::unique_ptr<zimg_filter_graph, FreeGraph>;

zimg_pixel_type_e zimg_type(PlaneType type) {
  return type == PlaneType::byte   ? ZIMG_PIXEL_BYTE
         : type == PlaneType::word ? ZIMG_PIXEL_WORD
                                   : ZIMG_PIXEL_FLOAT;
}

zimg_image_format zimg_format(const PlaneLayout& layout, std::int64_t width, std::int64_t height) {
  const bool rgb = layout.colours == 3;
  zimg_image_format result;
  zimg_image_format_default(&result, ZIMG_API_VERSION);
  result.width = static_cast<unsigned>(width);
  result.height = static_cast<unsigned>(height);
  result.pixel_type = zimg_type(layout.type);
  result.pixel_range = ZIMG_RANGE_FULL;
  result.color_family = rgb ? ZIMG_COLOR_RGB : ZIMG_COLOR_GREY;
  result.matrix_coefficients = rgb ? ZIMG_MATRIX_RGB : ZIMG_MATRIX_UNSPECIFIED;
  result.alpha = layout.alpha ? ZIMG_ALPHA_PREMULTIPLIED : ZIMG_ALPHA_NONE;
  return result;
}

Graph build_graph(const PlaneLayout& layout, const ScaledWindow& window, const Filter& filter) {
  zimg_image_format from = zimg_format(layout, window.across.count, window.down.count);
  from.active_region = {window.across.start, window.down.start, window.across.length,
                        window.down.length};
  const zimg_image_format to = zimg_format(layout, window.size.width, window.size.height);
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
  const zimg_error_code_e code = zimg_get_last_error(text.data(), text.size());
  // What zimg has no words for, it had no memory to write down.
  const bool no_memory = code == ZIMG_ERROR_OUT_OF_MEMORY || text[0] == '\0';
  return fail(no_memory ? ErrorKind::busy : ErrorKind::internal,
              no_memory ? "The server is busy; try again shortly" : "The picture can not be scaled",
              std::string("zimg: ") + text.data());
}

// The error of a run that did not come to its end.
tl::unexpected<Error> stopped_or_failed(const Deadline& deadline) {
  const bool was_stopped = zimg_get_last_error(nullptr, 0) == ZIMG_ERROR_USER_CALLBACK_FAILED;
  return was_stopped ? deadline.failure() : zimg_failure();
}

// zimg's tables of filter taps, which it allocates by itself: 4-byte taps and their places for each
// output column and line.
std::uint64_t table_bytes(const ScaledWindow& window, const Filter& filter) {
  const auto axis = [&](double length, std::int64_t output) {
    const double ratio = std::max(1.0, length / static_cast<double>(output));
    return (2 * filter.support * ratio + 16) * 8 * static_cast<double>(output);
  };
  return static_cast<std::uint64_t>(axis(window.across.length, window.size.width) +
                                    axis(window.down.length, window.size.height));
}

}  // namespace

ScaledWindow window_of(const RectF& source, const Size& input, const Size& size,
                       Interpolation interpolation) {
  const double support = filter_of(interpolation).support;
  return {window_axis(source.x, source.width, size.width, input.width, support),
          window_axis(source.y, source.height, size.height, input.height, support), size,
          interpolation};
}

Status filter_planes(const PlaneLayout& layout, const ScaledWindow& window, LineReader& reader,
                     LineWriter& writer, const Allowance& allowance) {
  MemoryBudget& budget = allowance.budget;
  const Filter filter = filter_of(window.interpolation);
  auto tables = budget.reserve(table_bytes(window, filter));
  if (!tables) return pass_on(tables);
  const Graph graph = build_graph(layout, window, filter);
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
      counted_memory(static_cast<std::int64_t>(std::max<std::size_t>(scratch_bytes, 1)), 1, budget);
  if (!scratch) return pass_on(scratch);
  auto ring_in = LineRing::create(window.across.count, window.down.count, lines_in, layout, budget);
  if (!ring_in) return pass_on(ring_in);
  auto ring_out =
      LineRing::create(window.size.width, window.size.height, lines_out, layout, budget);
  if (!ring_out) return pass_on(ring_out);

  Feed feed{reader, *ring_in, Checkpoint(allowance.deadline)};
  Drain drain{writer, *ring_out, Checkpoint(allowance.deadline)};
  const auto from = ring_in->buffer<zimg_image_buffer_const>();
  const auto to = ring_out->buffer<zimg_image_buffer>();
  if (zimg_filter_graph_process(graph.get(), &from, &to, scratch->row(0), on_line<Feed>, &feed,
                                on_line<Drain>, &drain) != ZIMG_ERROR_SUCCESS) {
    return stopped_or_failed(allowance.deadline);
  }
  return {};
}

}  // namespace iip
