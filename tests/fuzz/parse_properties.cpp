#include "parse_properties.h"

#include <algorithm>
#include <cmath>
#include <memory_resource>
#include <variant>

#include "engine/base/text.h"
#include "engine/protocol/parse.h"

namespace iip {

namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string check_wire_body(std::string_view body) {
  constexpr std::string_view kStart = "Error/";
  constexpr std::string_view kEnd = "\r\n";
  if (!body.starts_with(kStart) || !body.ends_with(kEnd)) return "not an error line";
  body.remove_prefix(kStart.size());
  body.remove_suffix(kEnd.size());
  const auto length = parse_unsigned(take_until(body, ':'));
  if (!length || *length != body.size()) return "a wrong length in the error line";
  return is_printable(body) ? "" : "an error line that is not printable";
}

std::string check_error(const Error& error) {
  const bool expected = error.kind == ErrorKind::malformed ||
                        error.kind == ErrorKind::unsupported || error.kind == ErrorKind::not_found;
  if (!expected) return "an unexpected kind of error";
  if (error.message.empty() || !is_printable(error.message)) return "a bad message";
  if (error.message[0] < 'A' || error.message[0] > 'Z') return "a message without a capital";
  return error.wire_body.empty() ? "" : check_wire_body(error.wire_body);
}

bool is_fraction(double value) { return value >= 0 && value <= 1; }
bool is_percent(double value) { return value >= 0 && std::isfinite(value); }

bool is_good_region(const Region& region) {
  return std::visit(Overloaded{
                        [](const PixelRegion& r) { return r.width > 0 && r.height > 0; },
                        [](const PercentRegion& r) {
                          return is_percent(r.x) && is_percent(r.y) && is_percent(r.width) &&
                                 r.width > 0 && is_percent(r.height) && r.height > 0;
                        },
                        [](const FractionRegion& r) {
                          return is_fraction(r.x) && is_fraction(r.y) && is_fraction(r.width) &&
                                 r.width > 0 && is_fraction(r.height) && r.height > 0;
                        },
                        [](const auto&) { return true; },
                    },
                    region);
}

bool is_good_size(const SizeRequest& size) {
  using Form = SizeRequest::Form;
  switch (size.form) {
    case Form::width:
      return size.width > 0 && size.height == 0;
    case Form::height:
      return size.width == 0 && size.height > 0;
    case Form::exact:
    case Form::confined:
      return size.width > 0 && size.height > 0;
    case Form::percent:
      return is_percent(size.percent) && size.percent > 0 &&
             (size.percent <= 100 || size.enlarging == SizeRequest::Enlarging::allowed);
    case Form::natural:
    case Form::largest:
      return size.width == 0 && size.height == 0;
  }
  return false;
}

bool is_held(double value) { return std::abs(value) <= 1e30F; }
bool is_held(float value) { return std::abs(value) <= 1e30F; }

bool is_good_twist(const ColourTwist& twist) {
  return twist.size() <= 16 && std::all_of(twist.begin(), twist.end(), [](const auto& row) {
           return !row.empty() && row.size() <= 256 &&
                  std::all_of(row.begin(), row.end(), [](float factor) { return is_held(factor); });
         });
}

bool is_good_kernel(const Kernel& kernel) {
  return (kernel.side == 1 || kernel.side == 3 || kernel.side == 5) &&
         std::all_of(kernel.weights.begin(), kernel.weights.end(),
                     [](float weight) { return is_held(weight); });
}

bool is_good_light(const Hillshade& light) {
  return light.azimuth >= 0 && light.azimuth < 360 && std::abs(light.elevation) <= 90;
}

std::string check_processing(const Processing& processing) {
  for (const ChannelRange& range : processing.ranges) {
    const bool good_channel = !range.channel || (*range.channel >= 0 && *range.channel < 65535);
    if (!good_channel || !is_held(range.min) || !is_held(range.max)) return "a bad range";
  }
  if (processing.hillshade && !is_good_light(*processing.hillshade)) return "a bad light";
  if (!is_good_twist(processing.twist)) return "a bad twist";
  if (processing.kernel && !is_good_kernel(*processing.kernel)) return "a bad kernel";
  if (!(processing.gamma >= 0 && processing.gamma <= 1000)) return "a bad gamma";
  if (!(processing.contrast >= 0 && is_held(processing.contrast))) return "a bad contrast";
  if (processing.logarithm && processing.gamma != 1) return "two curves at once";
  return processing.spread != Spread::as_is && processing.contrast != 1 ? "two contrasts" : "";
}

bool is_good_quality(const ImageRequest& request) {
  const QualityRange range =
      request.format == Format::tiff && !request.tiff_scheme
          ? QualityRange{0, 100}
          : quality_range(request.format, request.tiff_scheme.value_or(TiffScheme::none));
  return *request.quality >= range.least && *request.quality <= range.most;
}

std::string check_image_request(const ImageRequest& request) {
  if (!is_good_region(request.region)) return "a bad region";
  if (!is_good_size(request.size)) return "a bad size";
  if (!(request.rotation >= 0 && request.rotation < 360)) return "a bad rotation";
  if (request.quality && !is_good_quality(request)) return "a bad quality";
  if (request.bits != 8 && request.bits != 16 && request.bits != 32) return "bad bits";
  return check_processing(request.processing);
}

std::string check_objects(const IipObjects& answer) {
  if (answer.objects.empty() || answer.objects.size() > 64) return "a bad number of objects";
  const bool good =
      std::all_of(answer.objects.begin(), answer.objects.end(), [](const IipObject& object) {
        return !object.name.empty() &&
               std::none_of(object.name.begin(), object.name.end(),
                            [](char c) { return c == ',' || (c >= 'A' && c <= 'Z'); });
      });
  return good ? "" : "a bad name of an object";
}

std::string check_request(const Request& request) {
  if (const auto* image = std::get_if<ImageRequest>(&request)) return check_image_request(*image);
  if (const auto* block = std::get_if<TileBlockRequest>(&request)) {
    return block->first <= block->last ? "" : "a block of tiles that ends before it begins";
  }
  const auto* info = std::get_if<InfoRequest>(&request);
  const auto* objects = info != nullptr ? std::get_if<IipObjects>(info) : nullptr;
  return objects != nullptr ? check_objects(*objects) : "";
}

// What we print as the image's URL must lead back to the image.
bool leads_back(const Parsed& parsed, const ParseOptions& options) {
  const std::string url = std::string(parsed.identifier) + "/info.json";
  const std::string query = "IIIF=" + url;
  const Target target = parsed.in_path
                            ? Target{.path = url, .query = {}, .accept = {}, .is_post = false}
                            : Target{.path = {}, .query = query, .accept = {}, .is_post = false};
  ParseOptions iiif{.protocol = Protocol::iiif};
  if (parsed.protocol == Protocol::iiif) iiif.iiif_delimiter = options.iiif_delimiter;
  const auto again = parse(target, iiif, std::pmr::new_delete_resource());
  const bool same_view = parsed.protocol != Protocol::iiif || (again && again->view == parsed.view);
  return again && same_view && again->image == parsed.image &&
         again->identifier == parsed.identifier;
}

std::string check_name(const Parsed& parsed, const ParseOptions& options) {
  if (parsed.image.empty() || parsed.image.find('\0') != std::string::npos) return "a bad name";
  if (!parsed.in_path && parsed.image.starts_with('/')) return "an absolute name";
  const bool fit_for_url = is_printable(parsed.identifier) &&
                           parsed.identifier.find_first_of(" \"<>\\^`{|}#?[]") == std::string::npos;
  if (!fit_for_url) return "an identifier that is not fit for a URL";
  return leads_back(parsed, options) ? "" : "an identifier that does not lead back to its image";
}

// Parses `target` in one way, in memory of its own and with no other to be had.
class Trial {
 public:
  std::string service(const Target& target, const ParseOptions& options) {
    const auto parsed = parse(target, options, &memory_);
    if (!parsed) return check_error(parsed.error());
    const std::string wrong = check_name(*parsed, options);
    return wrong.empty() ? check_request(parsed->request) : wrong;
  }

  std::string document(const Target& target, const ParseOptions& options) {
    const auto parsed = parse_document(target, options, &memory_);
    if (!parsed) return "";
    if (!*parsed) return check_error(parsed->error());
    const Parsed& found = **parsed;
    if (!found.image.empty() || !found.identifier.empty()) return "a name in document mode";
    return check_request(found.request);
  }

 private:
  std::pmr::monotonic_buffer_resource memory_{std::pmr::new_delete_resource()};
};

std::string first_of(std::initializer_list<std::string> findings) {
  for (const std::string& finding : findings) {
    if (!finding.empty()) return finding;
  }
  return "";
}

}  // namespace

std::string check_iip(std::string_view query) {
  const ParseOptions options{.protocol = Protocol::iip};
  return first_of({
      Trial().service({.path = {}, .query = query, .accept = {}}, options),
      Trial().service({.path = "a%20b", .query = query, .accept = {}, .is_post = true}, options),
      Trial().document({.path = {}, .query = query, .accept = {}}, options),
  });
}

std::string check_iiif(std::string_view input) {
  const std::string_view path = take_until(input, '\n');
  const std::string query = "IIIF=" + std::string(path);
  for (const int version : {2, 3}) {
    const ParseOptions options{.protocol = Protocol::iiif,
                               .iiif_version = version,
                               .iiif_extensions = version == 3,
                               .iiif_delimiter = version == 3 ? "@" : ""};
    std::string wrong = first_of({
        Trial().service({.path = path, .query = input, .accept = input}, options),
        Trial().service({.path = {}, .query = query, .accept = input}, options),
        Trial().document({.path = path, .query = input, .accept = input}, options),
    });
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string check_tiles(std::string_view path) {
  const std::string deepzoom = "DeepZoom=" + std::string(path);
  const std::string zoomify = "Zoomify=" + std::string(path);
  return first_of({
      Trial().service({.path = path, .query = {}, .accept = {}}, {.protocol = Protocol::deepzoom}),
      Trial().service({.path = path, .query = {}, .accept = {}}, {.protocol = Protocol::zoomify}),
      Trial().service({.path = {}, .query = deepzoom, .accept = {}}, {}),
      Trial().service({.path = {}, .query = zoomify, .accept = {}}, {}),
  });
}

std::string check_target(std::string_view input) {
  Target target;
  target.path = take_until(input, '\n');
  target.query = take_until(input, '\n');
  target.accept = input;
  for (const Protocol protocol : {Protocol::automatic, Protocol::iip, Protocol::iiif,
                                  Protocol::deepzoom, Protocol::zoomify}) {
    const ParseOptions options{.protocol = protocol};
    const ParseOptions extended{
        .protocol = protocol, .iiif_extensions = true, .iiif_delimiter = "::"};
    std::string wrong =
        first_of({Trial().service(target, options), Trial().document(target, options),
                  Trial().service(target, extended), Trial().document(target, extended)});
    if (!wrong.empty()) return wrong;
  }
  return "";
}

}  // namespace iip
