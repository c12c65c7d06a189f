// Link headers of IIIF answers: the compliance level, and the one URI among all equal ones that the
// specification calls canonical.
#include <charconv>
#include <optional>
#include <utility>

#include "engine/base/text.h"
#include "engine/describe/describe.h"
#include "engine/describe/iiif_uris.h"

namespace iip {

namespace {

// Room for all but the identifier of an image, in nearly all cases.
constexpr std::size_t kRestOfLinks = 160;

void append_region(std::pmr::string& out, const Rect& region, const Size& full) {
  if (region == Rect::of(full)) {
    out += "full";
    return;
  }
  append_number(out, region.x);
  for (const std::int64_t value : {region.y, region.width, region.height}) {
    out += ',';
    append_number(out, value);
  }
}

void append_width_and_height(std::pmr::string& out, const Size& size) {
  append_number(out, size.width);
  out += ',';
  append_number(out, size.height);
}

void append_size_2(std::pmr::string& out, const Delivery& delivery) {
  if (delivery.scaled == delivery.region.size()) {
    out += "full";
  } else if (delivery.keeps_aspect) {
    append_number(out, delivery.scaled.width);
    out += ',';
  } else {
    append_width_and_height(out, delivery.scaled);
  }
}

void append_size_3(std::pmr::string& out, const Delivery& delivery) {
  if (delivery.enlarges) out += '^';
  if (delivery.is_max_size) {
    out += "max";
  } else {
    append_width_and_height(out, delivery.scaled);
  }
}

void append_rotation(std::pmr::string& out, const ImageRequest& request) {
  if (request.mirror) out += '!';
  // Long enough for the shortest exact form of any number below 360 that is not absurdly small.
  char digits[64];
  const auto [end, error] =
      std::to_chars(digits, digits + sizeof digits, request.rotation, std::chars_format::fixed);
  std::string_view text = "0";
  if (error == std::errc{}) text = {digits, static_cast<std::size_t>(end - digits)};
  // Version 2 writes a fraction without the leading zero.
  if (request.iiif_version == 2 && text.starts_with("0.")) text.remove_prefix(1);
  out += text;
}

std::string_view name_of_colouring(Colouring colouring, const ImageInfo& info) {
  if (colouring == Colouring::bitonal) return "bitonal";
  return colouring == Colouring::grey && info.is_shown_in_colour() ? "gray" : "default";
}

// The quality whose name alone says all that is done to the values; nullopt: none does.
std::optional<std::string_view> quality_name(const ImageRequest& request, const ImageInfo& info) {
  if (request.processing.is_neutral()) return name_of_colouring(request.colouring, info);
  if (request.colouring != Colouring::as_is) return std::nullopt;
  Processing rest = request.processing;
  const bool inverts = std::exchange(rest.invert, false);
  const bool by_logarithm = std::exchange(rest.logarithm, false);
  const Spread spread = std::exchange(rest.spread, Spread::as_is);
  const int steps = inverts + by_logarithm + (spread != Spread::as_is);
  if (!rest.is_neutral() || steps > 1) return std::nullopt;
  if (inverts) return "negative";
  if (by_logarithm) return "log";
  return spread == Spread::stretch ? "stretch" : "equalization";
}

void append_profile(std::pmr::string& out, int version) {
  out += '<';
  out += iiif_level2(version);
  out += ">;rel=\"profile\"";
}

}  // namespace

std::pmr::string iiif_image_links(const Delivery& delivery, const ImageRequest& request,
                                  const ImageInfo& info, std::string_view id,
                                  std::pmr::memory_resource* memory) {
  std::pmr::string out(memory);
  out.reserve(id.size() + kRestOfLinks);
  append_profile(out, request.iiif_version);
  // What the query asks for has no form that the specification calls canonical.
  const auto quality = quality_name(request, info);
  if (!quality || request.bits != 8) return out;
  out += ", <";
  out += id;
  out += '/';
  append_region(out, delivery.region, info.size());
  out += '/';
  if (request.iiif_version == 2) {
    append_size_2(out, delivery);
  } else {
    append_size_3(out, delivery);
  }
  out += '/';
  append_rotation(out, request);
  out += '/';
  out += *quality;
  out += '.';
  out += extension_of(request.format);
  out += ">;rel=\"canonical\"";
  return out;
}

std::pmr::string iiif_info_links(const IiifInfo& request, std::pmr::memory_resource* memory) {
  std::pmr::string out(memory);
  append_profile(out, request.version);
  return out;
}

}  // namespace iip
