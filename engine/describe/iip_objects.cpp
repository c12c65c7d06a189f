// The objects of the Internet Imaging Protocol that OBJ asks for: one line each, `Label:value`,
// ended by CRLF; descriptive metadata as bare text or JSON.
#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>
#include <optional>
#include <vector>

#include "engine/base/text.h"
#include "engine/describe/describe.h"
#include "engine/image/presentation.h"
#include "engine/protocol/iip_error.h"

namespace iip {

namespace {

constexpr std::string_view kEnd = "\r\n";
constexpr std::string_view kObjectType = "application/vnd.netfpx";
constexpr std::string_view kTextType = "text/plain";
constexpr std::string_view kJsonType = "application/json";
// A picture's texts, 2 MB, take up to 12 as JSON.
constexpr std::size_t kMostText = std::size_t{16} << 20U;

// What one object is written from and to.
struct Writer {
  const ImageInfo& info;
  const SequenceAngles& angles;
  const Settings& settings;
  const IipObject& object;
  std::pmr::string& out;
  std::string_view& type;

  void line(std::string_view text) {
    out += text;
    out += kEnd;
  }
  void pair(std::int64_t a, std::int64_t b) {
    append_number(out, a);
    out += ' ';
    append_number(out, b);
  }
  // Printed as C prints it: the forms that clients have always read.
  void number(const char* format, double value) {
    std::array<char, 400> digits{};  // %f of the largest double has 317 characters
    std::snprintf(digits.data(), digits.size(), format, value);
    out += digits.data();
  }
  std::string_view rights() const {
    return info.metadata.rights.empty() ? settings.copyright : info.metadata.rights;
  }
};

// ---- Structure of the image ----

void server(Writer& w) { w.line("IIP-server:3.65"); }

// In the order that clients know, then those that they may not.
void optional_commands(Writer& w) {
  w.line(
      "IIP-opt-comm:CVT CNT QLT JTL JTLS WID HEI RGN MINMAX SHD CMP INV CTW GAM CNV COL ROT SDS "
      "LYR "
      "BIT PTL WTL ATL TTL TIL SPECTRA PFL");
}

void optional_objects(Writer& w) {
  w.line(
      "IIP-opt-obj:Horizontal-views Vertical-views Tile-size Bits-per-channel "
      "Min-Max-sample-values Resolutions");
}

void max_size(Writer& w) {
  const Size& size = w.info.size();
  w.out += "Max-size:";
  if (w.object.quarter_turned) {
    w.pair(size.height, size.width);
  } else {
    w.pair(size.width, size.height);
  }
  w.out += kEnd;
}

void resolution_number(Writer& w) {
  w.out += "Resolution-number:";
  append_number(w.out, w.info.levels.size());
  w.out += kEnd;
}

void tile_size(Writer& w) {
  const Size tile = native_level(w.info, 0).tile;
  w.out += "Tile-size:";
  w.pair(tile.width, tile.height);
  w.out += kEnd;
}

void bits_per_channel(Writer& w) {
  w.out += "Bits-per-channel:";
  append_number(w.out, w.info.stored_bits);
  w.out += kEnd;
}

// The smallest first.
void resolutions(Writer& w) {
  w.out += "Resolutions:";
  for (auto level = w.info.levels.rbegin(); level != w.info.levels.rend(); ++level) {
    if (level != w.info.levels.rbegin()) w.out += ',';
    w.pair(level->size.width, level->size.height);
  }
  w.out += kEnd;
}

// For resolutions 0 to N-1: calibrated or not, not premultiplied, the space (1 grey, 3 RGB, 4
// CIELAB), the number of planes and their names.
void colourspace(Writer& w) {
  w.out += "Colorspace,0-";
  append_number(w.out, w.info.levels.size() - 1);
  w.line(w.info.format.model == ColourModel::lab ? ",0:1 0 4 3 0 1 2"
         : w.info.is_shown_in_colour()           ? ",0:0 0 3 3 0 1 2"
                                                 : ",0:0 0 1 1 0");
}

void min_max_sample_values(Writer& w) {
  w.out += "Min-Max-sample-values:";
  bool first = true;
  for (const SampleRange& range : w.info.ranges) {
    for (const double value : {range.min, range.max}) {
      w.out += first ? " " : "  ";
      first = false;
      w.number("%.9g", value);
    }
  }
  w.out += kEnd;
}

void angles(Writer& w, std::string_view label, std::span<const std::int64_t> values) {
  w.out += label;
  for (const std::int64_t& value : values) {
    if (&value != values.data()) w.out += ' ';
    append_number(w.out, value);
  }
  w.out += kEnd;
}

// Lists the horizontal angles of a sequence of views; for a stack, the numbers of its pages; for a
// single picture, 0: it is seen from the front.
void horizontal_views(Writer& w) {
  std::vector<std::int64_t> pages(std::max<std::size_t>(w.info.pages.size(), 1));
  std::iota(pages.begin(), pages.end(), 0);
  angles(w, "Horizontal-views:", w.angles.horizontal.empty() ? pages : w.angles.horizontal);
}

void vertical_views(Writer& w) {
  constexpr std::array<std::int64_t, 1> kFront = {90};
  angles(w, "Vertical-views:", w.angles.vertical.empty() ? kFront : w.angles.vertical);
}

void stack(Writer& w) {
  if (w.info.pages.empty()) return;
  w.line(stack_json(w.info));
  w.type = kJsonType;
}

void basic_info(Writer& w) {
  server(w);
  max_size(w);
  resolution_number(w);
  colourspace(w);
}

// Pixels per metre.
void dpi(Writer& w) {
  if (!w.info.density || w.info.density->x == 0 || w.info.density->y == 0) return;
  w.out += "DPI:";
  w.number("%f", w.info.density->x);
  w.out += ' ';
  w.number("%f", w.info.density->y);
  w.out += kEnd;
}

// Stands for objects that are known, and that this image has nothing to say about.
void nothing(Writer&) {}

// ---- Descriptive metadata ----

void text(Writer& w, std::string_view value) {
  if (value.empty()) return;
  w.line(value);
  w.type = kTextType;
}

void title(Writer& w) { text(w, w.info.metadata.title); }
void creator(Writer& w) { text(w, w.info.metadata.creator); }
void rights(Writer& w) { text(w, w.rights()); }
void description(Writer& w) { text(w, w.info.metadata.description); }
void date(Writer& w) { text(w, w.info.metadata.date); }
void software(Writer& w) { text(w, w.info.metadata.software); }
void make(Writer& w) { text(w, w.info.metadata.make); }
void model(Writer& w) { text(w, w.info.metadata.model); }

void xmp(Writer& w) {
  if (w.info.metadata.xmp.empty()) return;
  w.line(w.info.metadata.xmp);
  w.type = "application/xml";
}

// Writes the factor by which the values of the page are to be multiplied.
void scale(Writer& w) {
  if (w.info.page >= w.info.pages.size()) return;
  append_number(w.out, w.info.pages[w.info.page].scale);
  w.out += kEnd;
  w.type = kTextType;
}

void summary_info(Writer& w) {
  rights(w);
  description(w);
  creator(w);
  date(w);
  software(w);
}

void metadata(Writer& w) {
  w.line(metadata_json(w.info, w.rights()));
  w.type = kJsonType;
}

// ---- The list ----

struct KnownObject {
  std::string_view name;
  void (*write)(Writer&);
};

constexpr KnownObject kObjects[] = {
    {"iip", nothing},  // its line stands before all others
    {"iip-server", server},
    {"iip-opt-comm", optional_commands},
    {"iip-opt-obj", optional_objects},
    {"basic-info", basic_info},
    {"max-size", max_size},
    {"resolution-number", resolution_number},
    {"tile-size", tile_size},
    {"bits-per-channel", bits_per_channel},
    {"resolutions", resolutions},
    {"min-max-sample-values", min_max_sample_values},
    {"horizontal-views", horizontal_views},
    {"vertical-views", vertical_views},
    {"dpi", dpi},
    {"stack", stack},
    {"summary-info", summary_info},
    {"metadata", metadata},
    {"rights", rights},
    {"title", title},
    {"description", description},
    {"creator", creator},
    {"date", date},
    {"software", software},
    {"make", make},
    {"model", model},
    {"xmp", xmp},
    {"subject", nothing},
    {"keywords", nothing},
    {"comment", nothing},
    {"last-author", nothing},
    {"rev-number", nothing},
    {"edit-time", nothing},
    {"last-printed", nothing},
    {"last-save-dtm", nothing},
    {"scale", scale},
};

std::optional<KnownObject> find_object(std::string_view name) {
  for (const KnownObject& known : kObjects) {
    if (known.name == name) return known;
  }
  // Clients put ranges before and behind this one.
  if (name.find("colorspace") != std::string_view::npos) {
    return KnownObject{"colorspace", colourspace};
  }
  return std::nullopt;
}

// Whether an object is asked for before, too.
bool stands_before(std::size_t index, const IipObjects& request) {
  const auto end = request.objects.begin() + static_cast<std::ptrdiff_t>(index);
  return std::find(request.objects.begin(), end, *end) != end;
}

}  // namespace

bool asks_for_views(const IipObjects& request) {
  return std::any_of(request.objects.begin(), request.objects.end(), [](const IipObject& object) {
    return object.name == "horizontal-views" || object.name == "vertical-views";
  });
}

Result<IipAnswer> iip_objects_text(const IipObjects& request, const ImageInfo& info,
                                   const SequenceAngles& angles, const Settings& settings,
                                   std::pmr::memory_resource* memory) {
  IipAnswer answer{std::pmr::string(memory), kObjectType};
  std::string unknown;
  for (const IipObject& object : request.objects) {
    if (object.name == "iip") {
      answer.text += "IIP:1.0\r\n";
      break;
    }
  }
  for (std::size_t i = 0; i < request.objects.size(); ++i) {
    const IipObject& object = request.objects[i];
    if (stands_before(i, request)) continue;
    if (answer.text.size() > kMostText) {
      return fail(ErrorKind::too_large, "The answer would be longer than 16 MB");
    }
    if (const auto known = find_object(object.name)) {
      Writer writer{info, angles, settings, object, answer.text, answer.type};
      known->write(writer);
    } else {
      unknown += iip_error_line(iip_code::kUnknownObject, object.name);
    }
  }
  // One error takes the place of all answers.
  if (!unknown.empty()) {
    return tl::unexpected(
        Error{ErrorKind::malformed, "Unknown IIP object", {}, std::move(unknown)});
  }
  if (answer.text.empty()) {
    std::string_view first;
    if (!request.objects.empty()) first = request.objects.front().name;
    return iip_fail(ErrorKind::malformed, iip_code::kMalformed, first,
                    "The image has no such metadata");
  }
  return answer;
}

}  // namespace iip
