#include "engine/service/sample_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/text.h"
#include "engine/plan/tile.h"
#include "engine/service/counted_answer.h"
#include "engine/service/pixel_line.h"
#include "engine/service/render_cost.h"

namespace iip {

namespace {

// The most values of all frames together: a text of some megabytes.
constexpr std::uint64_t kMostValues = std::uint64_t{1} << 20U;
// The longest number that is written, and what stands around it.
constexpr std::uint64_t kValueBytes = 64;

Status check_count(std::uint64_t values) {
  if (values <= kMostValues) return {};
  return fail(ErrorKind::too_large, "More values than one request may ask for (1048576)");
}

// ---- Frames ----

// Opens one frame after the other, and finds a name for each that no other has.
class FrameReader {
 public:
  FrameReader(const Frames& frames, const ReadContext& context)
      : frames_(frames), context_(context) {}

  // `read(frame, context)` gives the values.
  template <class Read>
  Result<std::vector<double>> next(Read read) {
    auto opened = frames_.open(index_, context_);
    if (!opened) return pass_on(opened);
    frame_ = std::move(*opened);
    name_ = unique_name(frame_.name);
    ++index_;
    const File& file = frame_.file ? *frame_.file : context_.file;
    ReadContext reading{file, context_.budget, context_.log, context_.deadline, context_.kept};
    reading.decoders = context_.decoders;
    reading.effort = context_.effort;
    auto values = read(frame_, reading);
    if (values && frame_.file && file.changed() == FileChange::content) {
      return fail(ErrorKind::busy, "The image is being replaced; try again shortly",
                  "a frame was written to while it was read");
    }
    return values;
  }
  // These three tell of the frame that was read last.
  const Frame& frame() const { return frame_; }
  const ImageInfo& info() const { return frame_.image->info(); }
  const std::string& name() const { return name_; }

 private:
  std::string unique_name(const std::string& name) {
    if (!name.empty() && names_.insert(name).second) return name;
    std::string number = frames_.number(index_);
    while (!names_.insert(number).second) number += '\'';
    return number;
  }

  const Frames& frames_;
  const ReadContext& context_;
  std::size_t index_ = 0;
  Frame frame_;
  std::string name_;
  std::set<std::string> names_;
};

// ---- Numbers ----

template <class... Format>
void append(std::string& out, double value, Format... format) {
  std::array<char, 400> digits{};  // the largest double has 309 before the point
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, format...);
  if (error == std::errc{}) out.append(digits.data(), end);
}

// The value that is written as 1. Samples of less than 8 bits are stretched to 8.
double largest_value(const ImageInfo& info) {
  switch (info.format.type) {
    case SampleType::u8:
      return 255 + info.value_offset;
    case SampleType::u16:
      return std::exp2(info.stored_bits) - 1 + info.value_offset;
    default:
      return 1;
  }
}

void append_reflectance(std::string& out, double value, const ImageInfo& info) {
  const double part = value / largest_value(info);
  if (std::isnan(part)) {
    out += "nan";
  } else {
    append(out, part, std::chars_format::fixed, 6);
  }
}

void append_profile_value(std::string& out, double value, const ImageInfo& info) {
  if (!std::isfinite(value)) {
    out += "null";
  } else if (info.format.type == SampleType::f32) {
    append(out, value, std::chars_format::fixed, 9);
  } else {
    append(out, value, std::chars_format::fixed);
  }
}

// ---- Text ----

// Escaped, and without the control characters that XML has no way to write.
std::pmr::string xml_text(std::string_view text) {
  std::string printable(text);
  std::replace_if(
      printable.begin(), printable.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n'; }, ' ');
  return xml_escape(printable, std::pmr::get_default_resource());
}

std::string json_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// ---- The answers, piece by piece ----

void append_point(std::string& out, std::string_view wavelength, double value,
                  const ImageInfo& info) {
  out += "\t<point>\n\t\t<wavelength>";
  out += xml_text(wavelength);
  out += "</wavelength>\n\t\t<reflectance>";
  append_reflectance(out, value, info);
  out += "</reflectance>\n\t</point>\n";
}

void append_list(std::string& out, const std::vector<double>& values, const Frame& frame) {
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out += ',';
    append_profile_value(out, values[i] * frame.scale, frame.image->info());
  }
  out += ']';
}

Result<std::vector<double>> read_point(const SpectrumRequest& request, const Frame& frame,
                                       const ReadContext& context) {
  const ImageInfo& info = frame.image->info();
  const auto tile = native_tile(request.tile, info);
  if (!tile) return tl::unexpected(tile.error());
  const Rect& rect = tile->rect;
  if (std::cmp_greater_equal(request.x, rect.width) ||
      std::cmp_greater_equal(request.y, rect.height)) {
    return fail(ErrorKind::malformed, "The point lies outside the tile, which has " +
                                          std::to_string(rect.width) + "x" +
                                          std::to_string(rect.height) + " pixels");
  }
  const Pixel point{rect.x + static_cast<std::int64_t>(request.x),
                    rect.y + static_cast<std::int64_t>(request.y)};
  const auto line = PixelLine::between(point, point, info.levels[tile->level].size);
  if (!line) return tl::unexpected(line.error());
  return read_values(frame.image->source(), context, tile->level, *line);
}

// A coordinate, held to one that lies beyond every level, where a line is refused all the same.
std::int64_t held(std::uint64_t coordinate) {
  return static_cast<std::int64_t>(std::min(coordinate, std::uint64_t{1} << 40U));
}

Result<std::vector<double>> read_profile(const ProfileRequest& request, std::size_t frames,
                                         const Frame& frame, const ReadContext& context) {
  const ImageInfo& info = frame.image->info();
  if (request.resolution >= info.levels.size()) {
    return fail(ErrorKind::not_found, "The image has no such resolution; it has 0 to " +
                                          std::to_string(info.levels.size() - 1));
  }
  const std::size_t level = info.level_of_resolution(request.resolution);
  const auto line =
      PixelLine::between({held(request.x1), held(request.y1)}, {held(request.x2), held(request.y2)},
                         info.levels[level].size);
  if (!line) return tl::unexpected(line.error());
  const auto values = static_cast<std::uint64_t>(line->length()) *
                      static_cast<std::uint64_t>(info.format.channels());
  if (auto few = check_count(values * frames); !few) return pass_on(few);
  return read_values(frame.image->source(), context, level, *line);
}

}  // namespace

Result<Bytes> spectrum_xml(const SpectrumRequest& request, const Frames& frames,
                           const ReadContext& context) {
  FrameReader reader(frames, context);
  CountedAnswer answer(context.budget);
  std::string piece = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<spectra>\n";
  for (std::size_t i = 0; i < frames.count(); ++i) {
    const auto values = reader.next([&](const Frame& frame, const ReadContext& reading) {
      return read_point(request, frame, reading);
    });
    if (!values) return tl::unexpected(values.error());
    if (auto few = check_count(values->size() * frames.count()); !few) return pass_on(few);
    const bool by_channel = frames.count() == 1 && values->size() > 1;
    for (std::size_t c = 0; c < values->size(); ++c) {
      append_point(piece, by_channel ? std::to_string(c) : reader.name(), (*values)[c],
                   reader.info());
      if (auto added = answer.add(std::exchange(piece, {})); !added) return pass_on(added);
    }
  }
  piece += "</spectra>";
  if (auto added = answer.add(piece); !added) return pass_on(added);
  return answer.take();
}

Result<Bytes> profile_json(const ProfileRequest& request, const Frames& frames,
                           const ReadContext& context) {
  const bool several = frames.count() > 1;
  FrameReader reader(frames, context);
  CountedAnswer answer(context.budget);
  std::string piece = "{\n\t\"profile\": ";
  if (several) piece += '{';
  for (std::size_t i = 0; i < frames.count(); ++i) {
    const auto values = reader.next([&](const Frame& frame, const ReadContext& reading) {
      return read_profile(request, frames.count(), frame, reading);
    });
    if (!values) return tl::unexpected(values.error());
    const auto memory = context.budget.reserve(values->size() * kValueBytes);
    if (!memory) return tl::unexpected(memory.error());
    if (several) piece += (i == 0 ? "\n\t\t" : ",\n\t\t") + json_text(reader.name()) + ": ";
    append_list(piece, *values, reader.frame());
    if (auto added = answer.add(std::exchange(piece, {})); !added) return pass_on(added);
  }
  piece += several ? "\n\t}\n}" : "\n}";
  if (auto added = answer.add(piece); !added) return pass_on(added);
  return answer.take();
}

RenderCost cost_of_spectrum(std::size_t frames, const ImageInfo& info, CacheClient client) {
  return cost_of_tiles(static_cast<std::int64_t>(frames), info.levels.front(), info.format, client);
}

RenderCost cost_of_profile(const ProfileRequest& request, std::size_t frames, const ImageInfo& info,
                           CacheClient client) {
  const Level& level = info.levels.front();
  const auto steps = [](std::uint64_t a, std::uint64_t b, std::int64_t tile) {
    const std::uint64_t length = std::max(a, b) - std::min(a, b);
    return static_cast<std::int64_t>(std::min(length, kMostValues)) / tile + 1;
  };
  // A line that is not straight up or across passes a tile for each row and each column of them.
  const std::int64_t tiles = steps(request.x1, request.x2, level.tile.width) +
                             steps(request.y1, request.y2, level.tile.height);
  return cost_of_tiles(tiles * static_cast<std::int64_t>(frames), level, info.format, client);
}

}  // namespace iip
