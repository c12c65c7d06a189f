// info.json of the IIIF Image API 2.1 and 3.0.
//
// Viewers are particular about more than the specification says: the context is a plain string,
// sizes ascend, each tile states its height, and scale factors are exact powers of two.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/describe/describe.h"
#include "engine/describe/iiif_uris.h"
#include "engine/image/level_scale.h"
#include "engine/image/presentation.h"

namespace iip {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Size& size) { return {{"width", size.width}, {"height", size.height}}; }

bool is_within(const Size& size, std::int64_t limit) {
  return size.width <= limit && size.height <= limit;
}

// The levels that may be asked for whole, the smallest first.
Json sizes(const ImageInfo& info, const Settings& settings) {
  const Size tile = presented_tile_within(info, settings.max_cvt);
  Json list = Json::array();
  for (std::size_t level = info.levels.size(); level-- > 0;) {
    const Size size = presented_size(info, level, tile);
    if (is_within(size, settings.max_cvt)) list.push_back(json_of(size));
  }
  return list;
}

// As far as the pyramid goes; where its last level is larger than a tile, or there is none, to the
// factor at which the image fits one tile.
std::int64_t largest_scale_factor(const ImageInfo& info, const Size& tile) {
  const Size& last = info.levels.back().size;
  if (last.width <= tile.width && last.height <= tile.height) {
    const LevelScale scale = level_scale(info, info.levels.size() - 1);
    return std::int64_t{1} << std::lround(std::log2(std::max(scale.x, scale.y)));
  }
  const std::int64_t tiles =
      std::max(ceil_div(info.size().width, tile.width), ceil_div(info.size().height, tile.height));
  return static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(tiles)));
}

Json tiles(const ImageInfo& info, const Settings& settings) {
  const Size tile = presented_tile_within(info, settings.max_cvt);
  Json factors = Json::array();
  const std::int64_t largest = largest_scale_factor(info, tile);
  for (std::int64_t factor = 1; factor <= largest; factor *= 2) factors.push_back(factor);
  Json entry = json_of(tile);
  entry["scaleFactors"] = std::move(factors);
  return Json::array({std::move(entry)});
}

// All but `default`.
Json qualities(const ImageInfo& info, const Settings& settings) {
  Json list = Json::array();
  if (info.is_shown_in_colour()) list.push_back("color");
  list.push_back("gray");
  list.push_back("bitonal");
  if (settings.iiif_extensions) {
    for (const char* name : {"negative", "stretch", "equalization", "log"}) list.push_back(name);
  }
  return list;
}

bool is_web_uri(std::string_view text) {
  const bool has_scheme = text.starts_with("http://") || text.starts_with("https://");
  return has_scheme && std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c <= '~' &&
                  std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
         });
}

std::string_view rights_of(const ImageInfo& info, const Settings& settings) {
  return info.metadata.rights.empty() ? settings.copyright : info.metadata.rights;
}

// ---- Members that differ between the versions ----

void add_version_3(Json& document, const ImageInfo& info, const Settings& settings,
                   std::string_view id) {
  document["id"] = id;
  document["type"] = "ImageService3";
  document["profile"] = "level2";
  document["maxWidth"] = settings.max_cvt;
  document["maxHeight"] = settings.max_cvt;
  // Some clients rank PNG above JPEG and would ask for every tile as PNG; and stored JPEG tiles go
  // out as they are.
  document["preferredFormats"] = Json::array({"jpg"});
  document["extraFormats"] = Json::array({"tif", "webp", "avif"});
  document["extraQualities"] = qualities(info, settings);
  document["extraFeatures"] =
      Json::array({"canonicalLinkHeader", "mirroring", "profileLinkHeader", "rotationArbitrary"});
  if (settings.allow_upscaling) document["extraFeatures"].push_back("sizeUpscaling");
  const std::string_view rights = rights_of(info, settings);
  if (is_web_uri(rights)) document["rights"] = rights;
}

// The physical size of a pixel, where the file states it in a unit.
Json physical_dimensions(const ImageInfo& info) {
  if (!info.density || info.density->unit == Density::Unit::unknown) return {};
  const bool in_inches = info.density->unit == Density::Unit::inch;
  const double per_unit = info.density->x * (in_inches ? 0.0254 : 0.01);
  if (!std::isfinite(per_unit) || per_unit <= 0) return {};
  return {{"@context", "http://iiif.io/api/annex/services/physdim/1/context.json"},
          {"profile", "http://iiif.io/api/annex/services/physdim"},
          {"physicalScale", 1 / per_unit},
          {"physicalUnits", in_inches ? "in" : "cm"}};
}

void add_version_2(Json& document, const ImageInfo& info, const Settings& settings,
                   std::string_view id) {
  document["@id"] = id;
  Json beyond;
  beyond["formats"] = Json::array({"jpg", "png", "tif", "webp", "avif"});
  beyond["qualities"] = Json::array({"default"});
  for (Json& name : qualities(info, settings)) beyond["qualities"].push_back(std::move(name));
  beyond["supports"] = Json::array({"canonicalLinkHeader", "mirroring", "profileLinkHeader",
                                    "regionSquare", "rotationArbitrary"});
  if (settings.allow_upscaling) beyond["supports"].push_back("sizeAboveFull");
  beyond["maxWidth"] = settings.max_cvt;
  beyond["maxHeight"] = settings.max_cvt;
  document["profile"] = Json::array({iiif_level2(2), std::move(beyond)});
  const std::string_view rights = rights_of(info, settings);
  if (is_web_uri(rights)) {
    document["license"] = rights;
  } else if (!rights.empty()) {
    document["attribution"] = rights;
  }
  if (Json service = physical_dimensions(info); !service.empty()) {
    document["service"] = std::move(service);
  }
}

// ---- Members that the administrator adds ----

// What the picture and its address decide stays as it is.
bool is_fixed(std::string_view name) {
  constexpr std::array<std::string_view, 13> kFixed = {
      "protocol", "width",   "height",   "sizes",     "tiles",          "id",          "@id",
      "type",     "profile", "maxWidth", "maxHeight", "extraQualities", "extraFormats"};
  return std::find(kFixed.begin(), kFixed.end(), name) != kFixed.end();
}

void add_extra(Json& document, std::string_view text) {
  if (trim(text).empty()) return;
  std::string object(trim(text));
  if (!object.starts_with('{')) object = '{' + object + '}';
  Json extra = Json::parse(object, nullptr, /*allow_exceptions=*/false);
  if (!extra.is_object()) return;
  for (auto& [name, value] : extra.items()) {
    if (!is_fixed(name)) document[name] = std::move(value);
  }
}

}  // namespace

std::pmr::string iiif_info_json(const IiifInfo& request, const ImageInfo& info,
                                const Settings& settings, std::string_view id,
                                std::pmr::memory_resource* memory) {
  Json document;
  document["@context"] = iiif_context(request.version);
  document["protocol"] = kIiifProtocol;
  document["width"] = info.size().width;
  document["height"] = info.size().height;
  if (Json list = sizes(info, settings); !list.empty()) document["sizes"] = std::move(list);
  document["tiles"] = tiles(info, settings);
  if (request.version == 2) {
    add_version_2(document, info, settings, id);
  } else {
    add_version_3(document, info, settings, id);
  }
  add_extra(document, settings.iiif_extra_info);
  // Text from the file may be anything: bytes that are not UTF-8 are replaced.
  return std::pmr::string(document.dump(-1, ' ', false, Json::error_handler_t::replace), memory);
}

std::string_view iiif_info_type(const IiifInfo& request) {
  if (!request.json_ld) return "application/json";
  if (!request.with_profile) return "application/ld+json";
  return request.version == 2
             ? R"(application/ld+json;profile="http://iiif.io/api/image/2/context.json")"
             : R"(application/ld+json;profile="http://iiif.io/api/image/3/context.json")";
}

}  // namespace iip
