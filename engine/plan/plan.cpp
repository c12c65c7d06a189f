#include "engine/plan/plan.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "engine/image/presentation.h"
#include "engine/plan/level.h"
#include "engine/plan/processing.h"
#include "engine/plan/region.h"
#include "engine/plan/size.h"
#include "engine/plan/tile.h"

namespace iip {

namespace {

// A rectangle in pixels that covers the image is a viewer's largest tile; every other region that
// does is the image itself.
bool names_whole_image(const Region& region, const Rect& pixels, const Size& full) {
  return pixels == Rect::of(full) && !std::holds_alternative<PixelRegion>(region);
}

Result<Delivery> find_delivery(const ImageRequest& request, const ImageInfo& info,
                               const Settings& settings) {
  if (const auto* tile = std::get_if<ComputedTile>(&request.region)) return deliver(*tile, info);
  const auto region = region_in_pixels(request.region, info.size());
  if (!region) return tl::unexpected(region.error());
  const bool as_whole = names_whole_image(request.region, *region, info.size());
  return deliver(*region, as_whole, request.size, request.rotation, info, settings);
}

Status settle_native_tile(Plan& plan, const NativeTile& request, const ImageInfo& info) {
  const auto tile = native_tile(request, info);
  if (!tile) return tl::unexpected(tile.error());
  plan.level = tile->level;
  plan.source = {static_cast<double>(tile->rect.x), static_cast<double>(tile->rect.y),
                 static_cast<double>(tile->rect.width), static_cast<double>(tile->rect.height)};
  plan.delivery.region = map_to_full(info, tile->level, tile->rect);
  plan.delivery.scaled = tile->rect.size();
  return {};
}

// Settles level, source and delivery.
Status settle_geometry(Plan& plan, const ImageRequest& request, const ImageInfo& info,
                       const Settings& settings) {
  if (const auto* tile = std::get_if<NativeTile>(&request.region)) {
    if (auto settled = settle_native_tile(plan, *tile, info); !settled) return settled;
    return check_turned(plan.delivery.scaled, request.rotation, settings);
  }
  const auto delivery = find_delivery(request, info, settings);
  if (!delivery) return tl::unexpected(delivery.error());
  plan.delivery = *delivery;
  plan.level = choose_level(info, delivery->region, delivery->scaled);
  plan.source = map_to_level(info, plan.level, delivery->region);
  return {};
}

Colouring canonical_colouring(Colouring colouring, const Processing& processing,
                              const ImageInfo& info) {
  const bool is_grey = is_grey_when_processed(processing, info);
  return colouring == Colouring::grey && is_grey ? Colouring::as_is : colouring;
}

// Is there a profile to convert the colours by?
ColourPolicy canonical_colour(const ImageInfo& info, const Settings& settings) {
  return info.icc_profile.empty() ? ColourPolicy::keep : settings.colour;
}

// The colour space that a profile is for stands in its header as four letters.
bool profile_is_for(const Bytes& profile, ColourModel model) {
  constexpr std::size_t kHeaderBytes = 128;
  constexpr std::size_t kColourSpaceAt = 16;
  if (profile.size() < kHeaderBytes) return false;
  const std::string_view header(reinterpret_cast<const char*>(profile.data()), kHeaderBytes);
  return header.substr(kColourSpaceAt, 4) == (model == ColourModel::grey ? "GRAY" : "RGB ");
}

// Does the file's profile hold for the picture as it is delivered?
bool embeds_profile(const Plan& plan, const ImageInfo& info, const Settings& settings) {
  const ColourModel stored = info.format.model;
  const bool is_converted = plan.colour != ColourPolicy::keep || stored == ColourModel::lab ||
                            stored == ColourModel::cmyk || makes_other_colours(plan.processing);
  const bool is_grey = plan.colouring != Colouring::as_is || !info.is_shown_in_colour();
  return !is_converted && info.icc_profile.size() <= settings.max_icc &&
         profile_is_for(info.icc_profile, is_grey ? ColourModel::grey : ColourModel::rgb);
}

int default_quality(const Encoding& encoding, const Settings& settings) {
  const TiffScheme scheme = encoding.tiff_scheme;
  switch (encoding.format) {
    case Format::png:
      return settings.png_quality;
    case Format::webp:
      return settings.webp_quality;
    case Format::avif:
      return settings.avif_quality;
    case Format::tiff:
      return scheme == settings.tiff_scheme ? settings.tiff_quality.value_or(usual_quality(scheme))
                                            : usual_quality(scheme);
    default:
      return settings.jpeg_quality;
  }
}

// The quality layers that are decoded; 0 where these are all that there are.
int decoded_layers(std::optional<int> wanted, const ImageInfo& info, const Settings& settings) {
  constexpr int kAll = -1;
  int layers = wanted.value_or(0);
  if (settings.max_layers > 0) {
    if (layers <= 0 || layers > settings.max_layers) layers = settings.max_layers;
  } else if (layers == 0 && settings.max_layers == 0) {
    layers = std::max(1, (info.layers + 1) / 2);
  } else if (layers <= kAll || layers == 0) {
    layers = info.layers;
  }
  return layers >= info.layers ? 0 : layers;
}

// Is the picture of a stored tile to be sent just as it is stored?
bool may_pass_through(const Plan& plan, const ImageRequest& request, const Settings& settings) {
  return settings.codec_passthrough && plan.tile && !plan.watermarking.shows() &&
         plan.encoding.format == Format::jpeg && !request.quality && !plan.mirror &&
         plan.rotation == 0 && plan.colouring == Colouring::as_is &&
         plan.colour == ColourPolicy::keep && plan.processing.is_neutral();
}

// A tile in a viewer's grid: texts that may be longer than its pixels would come with each.
bool is_tile(const Plan& plan, const ImageRequest& request, const ImageInfo& info) {
  if (std::holds_alternative<NativeTile>(request.region) ||
      std::holds_alternative<ComputedTile>(request.region)) {
    return true;
  }
  const Size tile = presented_tile(info);
  const Size& scaled = plan.delivery.scaled;
  return plan.delivery.region != Rect::of(info.size()) && scaled.width <= tile.width &&
         scaled.height <= tile.height;
}

// The bits of a sample: as many as are wanted, but no more than the file has and the format takes.
int bits_of(const ImageRequest& request, const Encoding& encoding, const ImageInfo& info) {
  const bool is_lossy =
      encoding.tiff_scheme == TiffScheme::jpeg || encoding.tiff_scheme == TiffScheme::webp;
  const bool is_deep_tiff = encoding.format == Format::tiff && !is_lossy;
  const bool may_be_deep = is_deep_tiff || encoding.format == Format::png;
  const bool is_deep = info.stored_bits > 8 && request.colouring != Colouring::bitonal;
  if (request.bits == 8 || !may_be_deep || !is_deep) return 8;
  const bool is_float = info.format.type == SampleType::f32;
  return request.bits == 32 && is_deep_tiff && is_float ? 32 : 16;
}

// The most that a client may ask for. A level of compression without loss is work and no other
// picture, up to a hundred times as much of it: it is the server's to give. A quality is a matter
// of how the picture looks.
int highest_quality(const Encoding& encoding, const Settings& settings) {
  const int most = quality_range(encoding.format, encoding.tiff_scheme).most;
  return is_effort(encoding.format, encoding.tiff_scheme)
             ? std::min(most, default_quality(encoding, settings))
             : most;
}

Encoding encoding_of(const ImageRequest& request, const ImageInfo& info, const Settings& settings) {
  Encoding encoding;
  encoding.format = request.format;
  encoding.tiff_scheme = request.tiff_scheme.value_or(settings.tiff_scheme);
  encoding.avif_codec = settings.avif_codec;
  encoding.quality = request.quality.value_or(default_quality(encoding, settings));
  encoding.optimise = settings.jpeg_optimise;
  const int least = quality_range(encoding.format, encoding.tiff_scheme).least;
  encoding.quality =
      std::max(least, std::min(encoding.quality, highest_quality(encoding, settings)));
  encoding.bits = bits_of(request, encoding, info);
  // A watermark can be put on samples of 8 or 16 bits only, not on floats.
  if (settings.watermarking.shows()) encoding.bits = std::min(encoding.bits, 16);
  return encoding;
}

}  // namespace

Result<Plan> make_plan(const ImageRequest& request, const ImageInfo& info,
                       const Settings& settings) {
  Plan plan;
  if (auto settled = settle_geometry(plan, request, info, settings); !settled) {
    return pass_on(settled);
  }
  plan.tile = find_stored_tile(info.levels[plan.level], plan.source, plan.delivery.scaled);
  plan.processing = canonical_processing(request.processing, info);
  plan.mirror = request.mirror;
  plan.rotation = request.rotation;
  plan.colouring = canonical_colouring(request.colouring, plan.processing, info);
  plan.encoding = encoding_of(request, info, settings);
  plan.colour = canonical_colour(info, settings);
  plan.interpolation = settings.interpolation;
  plan.embed_icc = embeds_profile(plan, info, settings);
  plan.watermarking = settings.watermarking;
  plan.layers = decoded_layers(request.layers, info, settings);
  plan.passthrough = may_pass_through(plan, request, settings);
  plan.describe = !is_tile(plan, request, info);
  if (plan.describe && info.metadata.rights.empty()) plan.copyright = settings.copyright;
  return plan;
}

bool Plan::is_copy() const { return is_pixel_copy(source, delivery.scaled); }

bool Plan::uncovers_corners() const { return std::fmod(rotation, 90.0) != 0; }

namespace {

// Taken apart into all its members, so that one more does not compile until it is known here.
// `tile` follows from level and source, and `delivery` beside its region and size concerns headers
// only.
void add(Hasher& hasher, const Plan& plan) {
  const auto& [level, source, tile, passthrough, processing, colour, mirror, rotation, colouring,
               encoding, interpolation, embed_icc, describe, copyright, watermarking, layers,
               delivery] = plan;
  hasher.add(level);
  for (const double edge : {source.x, source.y, source.width, source.height}) hasher.add(edge);
  hasher.add(delivery.scaled.width);
  hasher.add(delivery.scaled.height);
  // The picture states its density, which is that of the region as delivered.
  for (const std::int64_t edge :
       {delivery.region.x, delivery.region.y, delivery.region.width, delivery.region.height}) {
    hasher.add(edge);
  }
  hasher.add(passthrough);
  processing.add_to(hasher);
  hasher.add(static_cast<int>(colour));
  hasher.add(mirror);
  hasher.add(rotation);
  hasher.add(static_cast<int>(colouring));
  encoding.add_to(hasher);
  if (!plan.is_copy()) hasher.add(static_cast<int>(interpolation));
  hasher.add(embed_icc);
  hasher.add(describe);
  hasher.add(copyright);
  watermarking.add_to(hasher);
  hasher.add(layers);
}

}  // namespace

void Plan::add_to(Hasher& hasher) const { add(hasher, *this); }

}  // namespace iip
