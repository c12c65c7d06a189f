#include "engine/protocol/iip_picture.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/text.h"
#include "engine/protocol/processing_commands.h"

namespace iip {

IipPicture::Setter IipPicture::find_setter(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Setter>, 9> kSetters = {{
      {"WID", &IipPicture::set_width},
      {"HEI", &IipPicture::set_height},
      {"RGN", &IipPicture::set_region},
      {"QLT", &IipPicture::set_quality},
      {"BIT", &IipPicture::set_bits},
      {"ROT", &IipPicture::set_rotation},
      {"COL", &IipPicture::set_colouring},
      {"LYR", &IipPicture::set_layers},
      {"ICC", &IipPicture::ignore},
  }};
  for (const auto& [known, setter] : kSetters) {
    if (equal_ignoring_case(known, name)) return setter;
  }
  return nullptr;
}

bool IipPicture::has_command(std::string_view name) {
  return find_setter(name) != nullptr || find_processing_command(name) != nullptr;
}

bool IipPicture::set(const QueryItem& item) {
  const Setter setter = find_setter(item.name);
  return setter != nullptr ? (this->*setter)(item.value) : process(item);
}

bool IipPicture::set_width(std::string_view value) {
  const auto pixels = parse_iip_side(value);
  width_ = pixels.value_or(0);
  return pixels.has_value();
}

bool IipPicture::set_height(std::string_view value) {
  const auto pixels = parse_iip_side(value);
  height_ = pixels.value_or(0);
  return pixels.has_value();
}

bool IipPicture::set_region(std::string_view value) {
  const auto parsed = parse_iip_region(value);
  if (!parsed) return false;
  if (*parsed) request_.region = **parsed;
  return true;
}

bool IipPicture::set_quality(std::string_view value) {
  quality_ = parse_iip_quality(value);
  return quality_.has_value();
}

bool IipPicture::set_bits(std::string_view value) {
  const auto bits = parse_iip_bits(value);
  request_.bits = bits.value_or(request_.bits);
  return bits.has_value();
}

bool IipPicture::set_rotation(std::string_view value) {
  const auto rotation = parse_iip_rotation(value);
  if (!rotation) return false;
  request_.mirror = rotation->mirror;
  request_.rotation = rotation->degrees;
  return true;
}

// Any other value is ignored: links in the wild have them.
bool IipPicture::set_colouring(std::string_view value) {
  const auto is = [&](std::string_view name) { return equal_ignoring_case(value, name); };
  if (is("grey") || is("gray")) request_.colouring = Colouring::grey;
  if (is("binary")) request_.colouring = Colouring::bitonal;
  return true;
}

// Quality layers are a matter of JPEG 2000; the other pictures have one.
bool IipPicture::set_layers(std::string_view value) {
  constexpr std::int64_t kMostLayers = 65535;
  const auto layers = parse_iip_integer(value);
  if (!layers) return false;
  request_.layers = static_cast<int>(std::clamp<std::int64_t>(*layers, -1, kMostLayers));
  return true;
}

bool IipPicture::process(const QueryItem& item) {
  const ProcessingCommand* command = find_processing_command(item.name);
  if (command == nullptr) return false;
  if (!command->encoded) return command->set(request_.processing, item.value);
  const auto value = percent_decode(item.value, memory_, /*plus_is_space=*/true);
  return value && command->set(request_.processing, *value);
}

// Where width and height are given, the picture is made to fit into them, in its own proportions.
SizeRequest IipPicture::size() const {
  using Form = SizeRequest::Form;
  SizeRequest size;
  size.form = width_ != 0 && height_ != 0 ? Form::confined
              : width_ != 0               ? Form::width
              : height_ != 0              ? Form::height
                                          : Form::natural;
  size.width = width_;
  size.height = height_;
  size.enlarging = SizeRequest::Enlarging::silent;
  size.over_limit = SizeRequest::OverLimit::shrunk;
  return size;
}

ImageRequest IipPicture::region(Format format) const {
  ImageRequest request = request_;
  request.size = size();
  choose_encoding(request, format);
  return request;
}

ImageRequest IipPicture::tile(Format format, const NativeTile& tile) const {
  ImageRequest request = request_;
  request.region = tile;
  choose_encoding(request, format);
  return request;
}

void IipPicture::choose_encoding(ImageRequest& request, Format format) const {
  request.format = format;
  if (!quality_) return;
  request.quality = clamp_quality(*quality_, format);
  request.tiff_scheme = quality_->scheme;
}

bool IipPicture::is_quarter_turned() const {
  return static_cast<int>(request_.rotation) % 180 == 90;
}

}  // namespace iip
