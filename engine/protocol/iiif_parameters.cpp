#include "engine/protocol/iiif_parameters.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/text.h"
#include "engine/protocol/number_list.h"

namespace iip {

namespace {

tl::unexpected<Error> malformed(std::string message) {
  return fail(ErrorKind::malformed, std::move(message));
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Result<Region> parse_percent_region(std::string_view text) {
  const auto numbers = parse_list<4>(text, parse_decimal);
  if (!numbers) return malformed("The region is not pct:x,y,w,h with four decimal numbers");
  const auto [x, y, width, height] = *numbers;
  if (width == 0 || height == 0) return malformed("The region has no area");
  return PercentRegion{x, y, width, height};
}

Result<Region> parse_pixel_region(std::string_view text) {
  const auto numbers = parse_list<4>(text, parse_unsigned);
  if (!numbers) {
    return malformed("The region is not full, square, x,y,w,h (whole pixels) or pct:x,y,w,h");
  }
  const auto [x, y, width, height] = *numbers;
  if (width == 0 || height == 0) return malformed("The region has no area");
  return PixelRegion{x, y, width, height};
}

Result<SizeRequest> parse_percent_size(std::string_view text, SizeRequest size) {
  const auto percent = parse_decimal(text);
  if (!percent) return malformed("The size is not pct:n with a decimal number");
  if (*percent == 0) return malformed("The size is zero");
  if (*percent > 100 && size.enlarging == SizeRequest::Enlarging::refused) {
    return malformed("A size above 100 percent must begin with ^");
  }
  size.form = SizeRequest::Form::percent;
  size.percent = *percent;
  return size;
}

struct Sides {
  std::optional<std::uint64_t> width, height;
};

// "w,h", "w," or ",h".
std::optional<Sides> parse_sides(std::string_view text) {
  if (count_list_items(text) != 2) return std::nullopt;
  const std::string_view width = take_until(text, ',');
  const Sides sides{parse_unsigned(width), parse_unsigned(text)};
  const bool wrong = (!width.empty() && !sides.width) || (!text.empty() && !sides.height);
  if (wrong || (width.empty() && text.empty())) return std::nullopt;
  return sides;
}

Result<SizeRequest> parse_pixel_size(std::string_view text, SizeRequest size) {
  using Form = SizeRequest::Form;
  const bool confined = take_prefix(text, "!");
  const auto sides = parse_sides(text);
  const bool complete = sides && sides->width && sides->height;
  if (!sides || (confined && !complete)) {
    return malformed("The size is not max, w, or ,h or w,h or !w,h (whole pixels) or pct:n");
  }
  if (sides->width == 0 || sides->height == 0) return malformed("The size is zero");
  size.form = confined       ? Form::confined
              : complete     ? Form::exact
              : sides->width ? Form::width
                             : Form::height;
  size.width = sides->width.value_or(0);
  size.height = sides->height.value_or(0);
  return size;
}

std::optional<Colouring> parse_colouring(std::string_view text, int version) {
  if (text == "default" || text == "color") return Colouring::as_is;
  if (text == "gray") return Colouring::grey;
  if (text == "bitonal") return Colouring::bitonal;
  if (version == 2 && text == "native") return Colouring::as_is;  // names of version 1
  if (version == 2 && text == "grey") return Colouring::grey;
  return std::nullopt;
}

std::optional<Processing> parse_extended_quality(std::string_view text) {
  Processing processing;
  if (text == "negative") {
    processing.invert = true;
  } else if (text == "stretch") {
    processing.spread = Spread::stretch;
  } else if (text == "equalization") {
    processing.spread = Spread::equalise;
  } else if (text == "log") {
    processing.logarithm = true;
  } else {
    return std::nullopt;
  }
  return processing;
}

std::optional<Format> parse_format(std::string_view text) {
  for (const Format format :
       {Format::jpeg, Format::png, Format::webp, Format::avif, Format::tiff}) {
    if (text == extension_of(format)) return format;
  }
  return std::nullopt;
}

}  // namespace

Result<Region> parse_iiif_region(std::string_view text) {
  if (text == "full") return WholeImage{};
  if (text == "square") return CentredSquare{};
  if (take_prefix(text, "pct:")) return parse_percent_region(text);
  return parse_pixel_region(text);
}

Result<SizeRequest> parse_iiif_size(std::string_view text, int version) {
  using Enlarging = SizeRequest::Enlarging;
  SizeRequest size;
  size.over_limit = SizeRequest::OverLimit::refused;
  size.enlarging = version == 2 ? Enlarging::allowed : Enlarging::refused;
  const bool caret = version != 2 && take_prefix(text, "^");
  if (caret) size.enlarging = Enlarging::allowed;
  // A picture smaller than the box fits it too: where nothing is enlarged, that is no error.
  if (version == 2 && text.starts_with('!')) size.enlarging = Enlarging::silent;

  if (text == "max") {
    size.form = caret ? SizeRequest::Form::largest : SizeRequest::Form::natural;
    return size;
  }
  if (text == "full") {
    if (version == 2) return size;
    return malformed("Version 3 of the Image API has no size full: ask for max");
  }
  if (take_prefix(text, "pct:")) return parse_percent_size(text, size);
  return parse_pixel_size(text, size);
}

Result<IiifRotation> parse_iiif_rotation(std::string_view text) {
  IiifRotation rotation;
  rotation.mirror = take_prefix(text, "!");
  const auto degrees = parse_decimal(text);
  if (!degrees || *degrees > 360) {
    return malformed("The rotation is not a number from 0 to 360, with ! before it to mirror");
  }
  rotation.degrees = *degrees == 360 ? 0 : *degrees;
  return rotation;
}

Result<IiifOutput> parse_iiif_output(std::string_view text, int version, bool extended) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos)
    return malformed("The quality has no format: add .jpg or .png");
  IiifOutput output;
  const auto colouring = parse_colouring(text.substr(0, dot), version);
  const auto processing = extended ? parse_extended_quality(text.substr(0, dot)) : std::nullopt;
  if (!colouring && !processing) {
    return malformed(extended ? "The quality is not default, color, gray, bitonal, negative, "
                                "stretch, equalization or log"
                              : "The quality is not default, color, gray or bitonal");
  }
  if (colouring) output.colouring = *colouring;
  if (processing) output.processing = *processing;
  const auto format = parse_format(text.substr(dot + 1));
  if (!format) {
    return malformed("The format is not served: the formats are jpg, png, webp, avif and tif");
  }
  output.format = *format;
  return output;
}

}  // namespace iip
