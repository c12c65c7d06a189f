#include "engine/formats/jpeg2000/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "engine/formats/jpeg2000/codestream/errors.h"

namespace iip {

namespace {

// EnumCS of a colour specification.
constexpr std::uint32_t kSrgb = 16;
constexpr std::uint32_t kGrey = 17;
constexpr std::uint32_t kSycc = 18;

std::int64_t largest_of(int bits) { return (std::int64_t{1} << bits) - 1; }

// What white is in pixels of `bits`: those of fewer than 8 are spread over a byte.
std::int64_t white_of(int bits) { return largest_of(std::max(bits, 8)); }

// The nearest value of 0..white to one of 0..2^bits-1.
std::uint16_t scaled(std::int64_t value, int bits, std::int64_t white) {
  const std::int64_t most = largest_of(bits);
  return static_cast<std::uint16_t>((value * white + most / 2) / most);
}

std::vector<std::uint16_t> direct_table(int bits, std::int64_t white) {
  std::vector<std::uint16_t> table(std::size_t{1} << bits);
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = scaled(static_cast<std::int64_t>(i), bits, white);
  }
  return table;
}

// Samples beyond the last entry take that.
std::vector<std::uint16_t> palette_table(const Jp2Palette& palette, int column, int bits,
                                         std::int64_t white) {
  const Jp2Palette::Column& depth = palette.columns[static_cast<std::size_t>(column)];
  const std::int64_t offset = depth.is_signed ? std::int64_t{1} << (depth.bits - 1) : 0;
  std::vector<std::uint16_t> table(std::size_t{1} << bits);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::size_t entry = std::min(i, palette.entries() - 1);
    const std::int64_t value =
        palette.values[entry * palette.columns.size() + static_cast<std::size_t>(column)];
    table[i] = scaled(value + offset, depth.bits, white);
  }
  return table;
}

std::vector<Jp2ChannelSource> channel_sources(const Jp2Boxes& boxes, const J2kHeader& header) {
  if (boxes.palette && !boxes.channels.empty()) return boxes.channels;
  std::vector<Jp2ChannelSource> sources(header.components.size());
  for (std::size_t i = 0; i < sources.size(); ++i) sources[i].component = static_cast<int>(i);
  return sources;
}

// Which channel is which colour, and which is alpha.
struct Roles {
  std::vector<std::size_t> colours;
  std::optional<std::size_t> alpha;
  bool is_premultiplied = false;
};

Result<Roles> find_roles(const Jp2Boxes& boxes, std::size_t channel_count) {
  Roles roles;
  constexpr std::size_t kMostColours = 3;
  std::array<std::optional<std::size_t>, kMostColours> named;
  std::vector<bool> is_defined(channel_count);
  for (const Jp2ChannelDefinition& definition : boxes.definitions) {
    const auto channel = static_cast<std::size_t>(definition.channel);
    if (channel >= channel_count)
      return damaged_jp2("the definition of a channel that is not there");
    is_defined[channel] = true;
    const bool of_image = definition.association == 0;
    if (definition.type == Jp2ChannelDefinition::kColour) {
      const auto colour = static_cast<std::size_t>(definition.association);
      if (colour >= 1 && colour <= kMostColours) {
        named[colour - 1] = channel;
      } else {
        is_defined[channel] = false;
      }
    } else if (definition.type == Jp2ChannelDefinition::kOpacity && of_image) {
      roles.alpha = channel;
    } else if (definition.type == Jp2ChannelDefinition::kPremultipliedOpacity && of_image) {
      roles.alpha = channel;
      roles.is_premultiplied = true;
    }
  }
  // Colours that are not named are the channels not named, in their order.
  std::size_t next = 0;
  for (const auto& channel : named) {
    while (next < channel_count && is_defined[next]) ++next;
    if (channel) {
      roles.colours.push_back(*channel);
    } else if (next < channel_count) {
      roles.colours.push_back(next++);
    } else {
      break;
    }
  }
  if (roles.colours.empty()) return damaged_jp2("no channel is a colour");
  return roles;
}

// The colour space that a profile is for stands in its header as four letters.
std::string_view profile_space(const Bytes& profile) {
  constexpr std::size_t kHeaderBytes = 128;
  constexpr std::size_t kSpaceAt = 16;
  if (profile.size() < kHeaderBytes) return {};
  return {reinterpret_cast<const char*>(profile.data()) + kSpaceAt, 4};
}

Result<std::size_t> count_colours(const Jp2Boxes& boxes, std::size_t available) {
  const auto unsupported = [](const std::string& space) {
    return fail(ErrorKind::unsupported, "The image's colour space is not supported",
                "JP2: colour space " + space);
  };
  const std::size_t most = available >= 3 ? 3 : 1;
  if (boxes.colour_space) {
    if (*boxes.colour_space == kGrey) return 1;
    if (*boxes.colour_space == kSrgb || *boxes.colour_space == kSycc) return most;
    return unsupported(std::to_string(*boxes.colour_space));
  }
  const std::string_view space = profile_space(boxes.icc_profile);
  if (space == "GRAY") return 1;
  if (space == "RGB " || space.empty()) return most;
  return unsupported("of an ICC profile for '" + std::string(space) + "'");
}

// Full range, ITU-R BT.601, in 1/65536.
template <class T>
void ycc_to_rgb(T* pixel, std::int64_t white) {
  constexpr std::int64_t kHalf = 1 << 15;
  const auto clamped = [white](std::int64_t value) {
    return static_cast<T>(std::clamp<std::int64_t>(value >> 16, 0, white));
  };
  const std::int64_t zero = (white + 1) / 2;
  const std::int64_t y = (std::int64_t{pixel[0]} << 16) + kHalf;
  const std::int64_t cb = pixel[1] - zero;
  const std::int64_t cr = pixel[2] - zero;
  pixel[0] = clamped(y + 91881 * cr);
  pixel[1] = clamped(y - 22554 * cb - 46802 * cr);
  pixel[2] = clamped(y + 116130 * cb);
}

template <class T>
void unpremultiply(T* pixel, std::size_t colours, std::int64_t white) {
  const std::int64_t alpha = pixel[colours];
  for (std::size_t c = 0; c < colours; ++c) {
    const std::int64_t value = alpha == 0 ? 0 : (pixel[c] * white + alpha / 2) / alpha;
    pixel[c] = static_cast<T>(std::min(value, white));
  }
}

// The sample of a component that a pixel shows: the one at its place or the next before it.
std::int64_t sample_at(std::int64_t pixel, std::int64_t step, std::int64_t distance,
                       std::int64_t first, std::int64_t count) {
  return std::clamp(pixel * step / distance, first, first + count - 1) - first;
}

}  // namespace

Result<Jp2Colour::Depth> Jp2Colour::depth_of(const Jp2ChannelSource& source, const Jp2Boxes& boxes,
                                             const J2kHeader& header) {
  const auto index = static_cast<std::size_t>(source.component);
  if (index >= header.components.size()) return damaged_jp2("a channel of no component");
  if (!source.palette_column) {
    return Depth{header.components[index].bits, header.components[index].is_signed, false};
  }
  const auto column = static_cast<std::size_t>(*source.palette_column);
  if (!boxes.palette || column >= boxes.palette->columns.size()) {
    return damaged_jp2("a channel of no column of the palette");
  }
  const Jp2Palette::Column& depth = boxes.palette->columns[column];
  return Depth{depth.bits, depth.is_signed, true};
}

Jp2Colour::Channel Jp2Colour::channel_of(const Jp2ChannelSource& source, const Jp2Boxes& boxes,
                                         const J2kHeader& header, int bits) {
  const auto index = static_cast<std::size_t>(source.component);
  const J2kComponent& component = header.components[index];
  Channel channel{index,
                  component.dx,
                  component.dy,
                  component.is_signed ? std::int32_t{1} << (component.bits - 1) : 0,
                  static_cast<std::int32_t>(largest_of(component.bits)),
                  source.palette_column.has_value(),
                  {}};
  const std::int64_t white = white_of(bits);
  if (source.palette_column) {
    channel.table = palette_table(*boxes.palette, *source.palette_column, component.bits, white);
  } else if (channel.largest != white) {
    channel.table = direct_table(component.bits, white);
  }
  return channel;
}

// Pixels have the depth of the deepest colour. What the file means by a 0 of theirs is told where
// they are its own numbers, all of one kind.
void Jp2Colour::set_depth(std::span<const Depth> colours) {
  bits_ = 1;
  for (const Depth& depth : colours) bits_ = std::max(bits_, depth.bits);
  const bool is_signed = std::all_of(colours.begin(), colours.end(), [&](const Depth& depth) {
    return depth.is_signed && !depth.is_of_palette && depth.bits == bits_;
  });
  value_offset_ = is_signed && !is_ycc_ ? -std::ldexp(1.0, bits_ - 1) : 0;
  format_.type = bits_ > 8 ? SampleType::u16 : SampleType::u8;
}

Result<Jp2Colour> Jp2Colour::of(const Jp2Boxes& boxes, const J2kHeader& header) {
  const std::vector<Jp2ChannelSource> sources = channel_sources(boxes, header);
  Result<Roles> roles = find_roles(boxes, sources.size());
  if (!roles) return pass_on(roles);
  const std::size_t without_alpha = sources.size() - (roles->alpha ? 1 : 0);
  const Result<std::size_t> colours =
      count_colours(boxes, std::min(roles->colours.size(), without_alpha));
  if (!colours) return tl::unexpected(colours.error());

  std::vector<std::size_t> order(roles->colours.begin(),
                                 roles->colours.begin() + static_cast<std::ptrdiff_t>(*colours));
  if (roles->alpha) order.push_back(*roles->alpha);
  std::vector<Depth> depths;
  for (const std::size_t channel : order) {
    const Result<Depth> depth = depth_of(sources[channel], boxes, header);
    if (!depth) return tl::unexpected(depth.error());
    depths.push_back(*depth);
  }
  const auto component_of = [&](std::size_t colour) -> const J2kComponent& {
    return header.components[static_cast<std::size_t>(sources[order[colour]].component)];
  };
  // Files say nothing, or sRGB, of what can only be luminance and colour differences.
  const bool has_small_chroma = *colours == 3 && (component_of(1).dx > component_of(0).dx ||
                                                  component_of(1).dy > component_of(0).dy);
  Jp2Colour result;
  result.format_.model = *colours == 1 ? ColourModel::grey : ColourModel::rgb;
  result.format_.alpha = roles->alpha.has_value();
  result.is_premultiplied_ = roles->is_premultiplied;
  result.is_ycc_ = *colours == 3 && (boxes.colour_space == kSycc || has_small_chroma);
  result.set_depth(std::span(depths).first(*colours));
  for (const std::size_t channel : order) {
    result.channels_.push_back(channel_of(sources[channel], boxes, header, result.bits_));
  }
  return result;
}

SampleRange Jp2Colour::range() const {
  return {value_offset_, value_offset_ + static_cast<double>(white_of(bits_))};
}

std::uint64_t Jp2Colour::table_bytes() const {
  std::uint64_t sum = 0;
  for (const Channel& channel : channels_) {
    sum += sizeof(Channel) + channel.table.capacity() * sizeof(std::uint16_t);
  }
  return sum;
}

std::vector<bool> Jp2Colour::components(std::size_t count) const {
  std::vector<bool> is_shown(count);
  for (const Channel& channel : channels_) is_shown[channel.component] = true;
  return is_shown;
}

// The first three components and no others, as they are: what can be told of their differences.
bool Jp2Colour::are_colours_alone() const {
  constexpr std::size_t kColours = 3;
  if (format_.alpha || channels_.size() != kColours) return false;
  for (std::size_t i = 0; i < kColours; ++i) {
    const Channel& channel = channels_[i];
    if (channel.component != i || channel.is_of_palette) return false;
    if (channel.largest != channels_[0].largest) return false;
  }
  return true;
}

J2kTolerance Jp2Colour::tolerance(const ReadTolerance& of_pixels, const J2kHeader& header) const {
  constexpr double kChromaGain = 1.772;
  constexpr double kPartOfYcc = 0.5;  // the way to RGB, in whole steps, adds to the error
  J2kTolerance tolerance;
  tolerance.errors.resize(header.components.size());
  tolerance.reduction = of_pixels.reduction;
  if (of_pixels.error <= 0 || is_premultiplied_) return tolerance;
  const auto scale_of = [&](const Channel& channel) {
    return channel.largest / static_cast<double>(white_of(bits_));
  };
  const std::size_t colours = channels_.size() - (format_.alpha ? 1 : 0);
  for (std::size_t i = 0; i < colours; ++i) {
    const double gain = is_ycc_ && i > 0 ? kChromaGain : 1;
    tolerance.errors[channels_[i].component] = of_pixels.error / gain * scale_of(channels_[i]);
  }
  // A component that serves as alpha, or as an index into a palette, is decoded exactly, also if it
  // is a colour besides.
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    if (i >= colours || channels_[i].is_of_palette) tolerance.errors[channels_[i].component] = 0;
  }
  tolerance.is_ycc = is_ycc_;
  if (are_colours_alone()) {
    const double part = is_ycc_ ? kPartOfYcc : 1;
    tolerance.chroma_error = of_pixels.chroma_error * part * scale_of(channels_[0]);
  }
  return tolerance;
}

void Jp2Colour::convert(const J2kPicture& picture, const Rect& area, const Size& step, Raster& out,
                        std::int64_t x, std::int64_t y) const {
  if (format_.type == SampleType::u16) {
    convert_to<std::uint16_t>(picture, area, step, out, x, y);
  } else {
    convert_to<std::uint8_t>(picture, area, step, out, x, y);
  }
}

template <class T>
void Jp2Colour::convert_to(const J2kPicture& picture, const Rect& area, const Size& step,
                           Raster& out, std::int64_t x, std::int64_t y) const {
  const auto count = channels_.size();
  const auto width = static_cast<std::size_t>(area.width);
  const std::size_t first = static_cast<std::size_t>(x) * count;
  const std::size_t colours = count - (format_.alpha ? 1 : 0);
  std::vector<std::int64_t> columns(width);
  std::vector<std::int32_t> spread;
  for (std::size_t c = 0; c < count; ++c) {
    const Channel& channel = channels_[c];
    const J2kPlane& plane = picture.planes()[channel.component];
    for (std::size_t i = 0; i < width; ++i) {
      columns[i] = sample_at(area.x + static_cast<std::int64_t>(i), step.width, channel.dx,
                             plane.left, plane.width);
    }
    // As they are wherever a component is not subsampled.
    const bool are_neighbours = std::ranges::adjacent_find(columns, [](auto a, auto b) {
                                  return b != a + 1;
                                }) == columns.end();
    if (!are_neighbours) spread.resize(width);
    for (std::int64_t row = 0; row < area.height; ++row) {
      const std::int32_t* const line =
          plane.samples +
          plane.width * sample_at(area.y + row, step.height, channel.dy, plane.top, plane.height);
      const std::int32_t* from = line + columns.front();
      if (!are_neighbours) {
        for (std::size_t i = 0; i < width; ++i) spread[i] = line[columns[i]];
        from = spread.data();
      }
      T* to = out.samples<T>(y + row).data() + first + c;
      // This captures by value: the compiler has to assume that a write to bytes changes whatever
      // is captured by reference, and would load it again for each sample.
      const auto set = [=, offset = channel.offset, largest = channel.largest](auto value_of) {
        for (std::size_t i = 0; i < width; ++i) {
          const std::int32_t value = from[i] + offset;
          const std::int32_t not_less = value < 0 ? 0 : value;
          to[i * count] = static_cast<T>(value_of(not_less < largest ? not_less : largest));
        }
      };
      if (channel.table.empty()) {
        set([](std::int32_t value) { return value; });
      } else {
        set([&](std::int32_t value) { return channel.table[static_cast<std::size_t>(value)]; });
      }
    }
  }
  if (!is_ycc_ && !is_premultiplied_) return;
  const std::int64_t white = white_of(bits_);
  for (std::int64_t row = 0; row < area.height; ++row) {
    T* pixel = out.samples<T>(y + row).data() + first;
    for (std::size_t i = 0; i < width; ++i, pixel += count) {
      if (is_ycc_) ycc_to_rgb(pixel, white);
      if (is_premultiplied_) unpremultiply(pixel, colours, white);
    }
  }
}

}  // namespace iip
