// The objects of the Internet Imaging Protocol that OBJ asks for: one line each, `Label:value`,
// ended by CRLF; descriptive metadata as bare text or JSON.
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/base/text.h"
#include "engine/describe/describe.h"
#include "engine/image/presentation.h"
#include "engine/protocol/iip_error.h"

namespace iip {

namespace {

constexpr std::string_view kEnd = "\r\n";
constexpr std::string_view kObjectType = "application/vnd.netfpx";
constexpr std::string_view kTextType = "text/plain";

// What one object is written from and to.
struct Writer {
  const ImageInfo& info;
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

void optional_commands(Writer& w) {
  w.line("IIP-opt-comm:CVT QLT JTL JTLS PTL TIL WID HEI RGN ROT COL");
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

// For resolutions 0 to N-1: not calibrated, not premultiplied, the space (1 grey, 3 RGB), the
// number of planes and their names.
void colourspace(Writer& w) {
  w.out += "Colorspace,0-";
  append_number(w.out, w.info.levels.size() - 1);
  w.line(w.info.format.model == ColourModel::grey ? ",0:0 0 1 1 0" : ",0:0 0 3 3 0 1 2");
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

// One picture, seen from the front.
void horizontal_views(Writer& w) { w.line("Horizontal-views:0"); }
void vertical_views(Writer& w) { w.line("Vertical-views:90"); }

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

void summary_info(Writer& w) {
  rights(w);
  description(w);
  creator(w);
  date(w);
  software(w);
}

void metadata(Writer& w) {
  const Metadata& values = w.info.metadata;
  nlohmann::json object = nlohmann::json::object();  // keeps its keys in alphabetical order
  const auto add = [&](const char* key, std::string_view value) {
    if (!value.empty()) object[key] = value;
  };
  add("creator", values.creator);
  add("date", values.date);
  add("description", values.description);
  add("make", values.make);
  add("model", values.model);
  add("page-name", values.page_name);
  add("rights", w.rights());
  add("software", values.software);
  add("title", values.title);
  // Text from the file may be anything: bytes that are not UTF-8 are replaced.
  w.line(object.empty() ? std::string("{\n}")
                        : object.dump(1, '\t', false, nlohmann::json::error_handler_t::replace));
  w.type = "application/json";
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
    {"stack", nothing},
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
    {"keywords", nothing},
    {"comment", nothing},
    {"last-author", nothing},
    {"rev-number", nothing},
    {"edit-time", nothing},
    {"last-printed", nothing},
    {"last-save-dtm", nothing},
    {"scale", nothing},
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

}  // namespace

Result<IipAnswer> iip_objects_text(const IipObjects& request, const ImageInfo& info,
                                   const Settings& settings, std::pmr::memory_resource* memory) {
  IipAnswer answer{std::pmr::string(memory), kObjectType};
  std::string unknown;
  for (const IipObject& object : request.objects) {
    if (object.name == "iip") {
      answer.text += "IIP:1.0\r\n";
      break;
    }
  }
  for (const IipObject& object : request.objects) {
    if (const auto known = find_object(object.name)) {
      Writer writer{info, settings, object, answer.text, answer.type};
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
