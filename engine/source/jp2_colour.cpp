#include "engine/source/jp2_colour.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace iip {

namespace {

// EnumCS of a colour specification.
constexpr std::uint32_t kSrgb = 16;
constexpr std::uint32_t kGrey = 17;
constexpr std::uint32_t kSycc = 18;

tl::unexpected<Error> damaged(std::string detail) {
  return fail(ErrorKind::corrupt, "The image file is damaged", "JP2: " + std::move(detail));
}

std::uint8_t scaled(std::int64_t value, int bits) {
  const std::int64_t most = (std::int64_t{1} << bits) - 1;
  return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
}

ByteVector direct_table(int bits) {
  ByteVector table(std::size_t{1} << bits);
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = scaled(static_cast<std::int64_t>(i), bits);
  }
  return table;
}

// Samples beyond the last entry take that.
ByteVector palette_table(const Jp2Palette& palette, int column, int bits) {
  const Jp2Palette::Column& depth = palette.columns[static_cast<std::size_t>(column)];
  const std::int64_t offset = depth.is_signed ? std::int64_t{1} << (depth.bits - 1) : 0;
  ByteVector table(std::size_t{1} << bits);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::size_t entry = std::min(i, palette.entries() - 1);
    const std::int64_t value =
        palette.values[entry * palette.columns.size() + static_cast<std::size_t>(column)];
    table[i] = scaled(value + offset, depth.bits);
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
    if (channel >= channel_count) return damaged("the definition of a channel that is not there");
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
  if (roles.colours.empty()) return damaged("no channel is a colour");
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

std::uint8_t clamped(std::int32_t value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

// Full range, ITU-R BT.601, in 1/65536.
void ycc_to_rgb(std::uint8_t* pixel) {
  constexpr std::int32_t kHalf = 1 << 15;
  const std::int32_t y = (pixel[0] << 16) + kHalf;
  const std::int32_t cb = pixel[1] - 128;
  const std::int32_t cr = pixel[2] - 128;
  pixel[0] = clamped((y + 91881 * cr) >> 16);
  pixel[1] = clamped((y - 22554 * cb - 46802 * cr) >> 16);
  pixel[2] = clamped((y + 116130 * cb) >> 16);
}

void unpremultiply(std::uint8_t* pixel, std::size_t colours) {
  const unsigned alpha = pixel[colours];
  for (std::size_t c = 0; c < colours; ++c) {
    const unsigned value = alpha == 0 ? 0 : (pixel[c] * 255U + alpha / 2) / alpha;
    pixel[c] = static_cast<std::uint8_t>(std::min(value, 255U));
  }
}

// The sample of a component that a pixel shows: the one at its place or the next before it.
std::int64_t sample_at(std::int64_t pixel, std::int64_t step, std::int64_t distance,
                       std::int64_t first, std::int64_t count) {
  return std::clamp(pixel * step / distance, first, first + count - 1) - first;
}

}  // namespace

Result<Jp2Colour::Channel> Jp2Colour::channel_of(const Jp2ChannelSource& source,
                                                 const Jp2Boxes& boxes, const J2kHeader& header) {
  const auto index = static_cast<std::size_t>(source.component);
  if (index >= header.components.size()) return damaged("a channel of no component");
  const J2kComponent& component = header.components[index];
  Channel channel{index,
                  component.dx,
                  component.dy,
                  component.is_signed ? std::int32_t{1} << (component.bits - 1) : 0,
                  {}};
  if (!source.palette_column) {
    channel.table = direct_table(component.bits);
    return channel;
  }
  const auto column = static_cast<std::size_t>(*source.palette_column);
  if (!boxes.palette || column >= boxes.palette->columns.size()) {
    return damaged("a channel of no column of the palette");
  }
  channel.table = palette_table(*boxes.palette, *source.palette_column, component.bits);
  return channel;
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
  Jp2Colour result;
  for (const std::size_t channel : order) {
    Result<Channel> made = channel_of(sources[channel], boxes, header);
    if (!made) return pass_on(made);
    result.channels_.push_back(std::move(*made));
  }
  result.format_ = {SampleType::u8, *colours == 1 ? ColourModel::grey : ColourModel::rgb,
                    roles->alpha.has_value()};
  result.is_premultiplied_ = roles->is_premultiplied;
  // Files say nothing, or sRGB, of what can only be luminance and colour differences.
  const bool has_small_chroma = *colours == 3 && (result.channels_[1].dx > result.channels_[0].dx ||
                                                  result.channels_[1].dy > result.channels_[0].dy);
  result.is_ycc_ = *colours == 3 && (boxes.colour_space == kSycc || has_small_chroma);
  return result;
}

void Jp2Colour::convert(const J2kPicture& picture, const Rect& area, const Size& step, Raster& out,
                        std::int64_t x, std::int64_t y) const {
  const auto count = channels_.size();
  const auto width = static_cast<std::size_t>(area.width);
  const std::size_t colours = count - (format_.alpha ? 1 : 0);
  std::vector<std::int64_t> columns(width);
  for (std::size_t c = 0; c < count; ++c) {
    const Channel& channel = channels_[c];
    const J2kPlane& plane = picture.planes()[channel.component];
    for (std::size_t i = 0; i < width; ++i) {
      columns[i] = sample_at(area.x + static_cast<std::int64_t>(i), step.width, channel.dx,
                             plane.left, plane.width);
    }
    const auto last = static_cast<std::int32_t>(channel.table.size() - 1);
    for (std::int64_t row = 0; row < area.height; ++row) {
      const std::int32_t* from =
          plane.samples +
          plane.width * sample_at(area.y + row, step.height, channel.dy, plane.top, plane.height);
      std::uint8_t* to = out.row(y + row) + static_cast<std::size_t>(x) * count + c;
      for (std::size_t i = 0; i < width; ++i) {
        const std::int32_t index = std::clamp(from[columns[i]] + channel.offset, 0, last);
        to[i * count] = channel.table[static_cast<std::size_t>(index)];
      }
    }
  }
  if (!is_ycc_ && !is_premultiplied_) return;
  for (std::int64_t row = 0; row < area.height; ++row) {
    std::uint8_t* pixel = out.row(y + row) + static_cast<std::size_t>(x) * count;
    for (std::size_t i = 0; i < width; ++i, pixel += count) {
      if (is_ycc_) ycc_to_rgb(pixel);
      if (is_premultiplied_) unpremultiply(pixel, colours);
    }
  }
}

}  // namespace iip
