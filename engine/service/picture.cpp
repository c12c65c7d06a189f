#include "engine/service/picture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "engine/formats/encode_raster.h"
#include "engine/formats/jpeg/splice.h"
#include "engine/pipeline/stages.h"
#include "engine/pipeline/watermark.h"
#include "engine/plan/mark_plane.h"

namespace iip {

namespace {

constexpr std::string_view kSoftware = "mod_iip";
constexpr std::uint64_t kStartMarkerBytes = 2;  // the stored tile's SOI, replaced by our head

// A quarter turn changes the axes; one by another angle leaves none along them, which matters where
// they differ.
void turn(std::optional<Density>& density, double degrees) {
  constexpr double kQuarter = 90;
  constexpr double kAlike = 1e-6;
  if (density->x == density->y) return;
  if (std::fmod(degrees, 2 * kQuarter) == kQuarter) {
    std::swap(density->x, density->y);
  } else if (std::fmod(degrees, kQuarter) != 0 &&
             std::abs(density->x - density->y) > kAlike * density->x) {
    density.reset();
  }
}

PictureExtras extras_of(const Plan& plan, const ImageInfo& info) {
  PictureExtras extras;
  if (plan.embed_icc) extras.icc_profile = info.icc_profile;
  if (plan.describe) {
    extras.metadata = info.metadata;
    extras.metadata.software = kSoftware;
    if (!plan.copyright.empty()) extras.metadata.rights = plan.copyright;
  }
  if (info.density) {
    const Delivery& delivery = plan.delivery;
    extras.density = info.density;
    extras.density->x *=
        static_cast<double>(delivery.scaled.width) / static_cast<double>(delivery.region.width);
    extras.density->y *=
        static_cast<double>(delivery.scaled.height) / static_cast<double>(delivery.region.height);
    turn(extras.density, plan.rotation);
  }
  return extras;
}

ReadContext with_layers(ReadContext context, int layers) {
  context.layers = layers;
  return context;
}

struct ErrorAllowed {
  double of_pixels = 0;
  double of_chroma = 0;  // averaged over squares of 2x2, where the encoder does so
};

// What error is allowed in a picture for the eye that is made smaller: a third of a step of its 8
// bits, so that hardly any pixel differs by more than one, and half a step of its colour
// differences. None is allowed where values are changed in a way that could make the error larger.
ErrorAllowed error_allowed(const Plan& plan, const ImageInfo& info) {
  constexpr double kOfStep = 0.33;
  constexpr double kOfChromaStep = 0.5;
  constexpr double kSteps = 255;
  constexpr int kBits = 8;
  const bool is_shown_as_is = plan.encoding.bits == kBits && plan.processing.is_neutral() &&
                              plan.colouring != Colouring::bitonal &&
                              (plan.colour == ColourPolicy::keep || info.icc_profile.size() == 0);
  if (!is_shown_as_is) return {};
  double least = std::numeric_limits<double>::infinity();
  for (const SampleRange& range : info.ranges) least = std::min(least, range.max - range.min);
  if (!std::isfinite(least)) return {};
  const double step = least / kSteps;
  // Between the pixels that are read and the encoder nothing may move or mix a part of them.
  const bool is_chroma_averaged = halves_chroma(plan.encoding.format) &&
                                  plan.colouring == Colouring::as_is && !plan.uncovers_corners() &&
                                  !plan.watermarking.shows();
  return {kOfStep * step, is_chroma_averaged ? kOfChromaStep * step : 0};
}

Result<Raster> rotated(Raster raster, const Plan& plan, const Allowance& allowance) {
  if (plan.uncovers_corners()) {
    auto mirrored = mirror_and_turn(std::move(raster), plan.mirror, 0, allowance);
    if (!mirrored) return mirrored;
    return rotate(std::move(*mirrored), plan.rotation, keeps_alpha(plan.encoding.format),
                  allowance);
  }
  const int quarter_turns = static_cast<int>(plan.rotation / 90) % 4;
  return mirror_and_turn(std::move(raster), plan.mirror, quarter_turns, allowance);
}

Result<Raster> coloured(Raster raster, const Plan& plan, const Rendition& rendition,
                        const OpenImage& image, const ReadContext& context) {
  if (plan.colouring == Colouring::as_is) return raster;
  auto grey = to_grey(std::move(raster), context.allowance());
  if (!grey || plan.colouring == Colouring::grey) return grey;
  const auto threshold = image.bitonal_threshold(context, rendition);
  if (!threshold) return tl::unexpected(threshold.error());
  if (auto done = to_bitonal(*grey, *threshold, context.deadline); !done) return pass_on(done);
  return grey;
}

Status mark(Raster& raster, const Plan& plan, const ImageInfo& info, const Deadline& deadline) {
  const Watermarking& watermarking = plan.watermarking;
  if (!watermarking.shows()) return {};
  Hasher hasher;
  info.version.add_to(hasher);
  const MarkPlane plane = mark_plane(plan, info);
  return watermarking.mark->lay_over(raster,
                                     {hasher.digest(), plane.size, plane.part, plane.block,
                                      watermarking.probability, watermarking.opacity},
                                     deadline);
}

Result<Bytes> encoded(Raster raster, const Plan& plan, const PictureExtras& extras,
                      const Allowance& allowance) {
  if (!keeps_alpha(plan.encoding.format)) {
    auto opaque = flatten_on_white(std::move(raster), allowance);
    if (!opaque) return pass_on(opaque);
    return encode(*opaque, plan.encoding, extras, allowance);
  }
  return encode(raster, plan.encoding, extras, allowance);
}

}  // namespace

// Region and size, then processing, then mirror and rotation, then colouring: the order that IIIF
// prescribes.
Result<Bytes> make_picture(const Plan& plan, const OpenImage& image, const ReadContext& context) {
  const Rendition rendition{plan.processing, plan.colour, plan.encoding.bits};
  const ErrorAllowed error = error_allowed(plan, image.info());
  auto raster = image.read_processed(with_layers(context, plan.layers),
                                     {plan.level, plan.source, plan.delivery.scaled,
                                      plan.interpolation, error.of_pixels, error.of_chroma},
                                     rendition);
  if (!raster) return pass_on(raster);
  if (auto laid = mark(*raster, plan, image.info(), context.deadline); !laid) return pass_on(laid);
  auto turned = rotated(std::move(*raster), plan, context.allowance());
  if (!turned) return pass_on(turned);
  auto result = coloured(std::move(*turned), plan, rendition, image, context);
  if (!result) return pass_on(result);
  return encoded(std::move(*result), plan, extras_of(plan, image.info()), context.allowance());
}

Result<std::optional<Body>> find_stored_picture(const Plan& plan, const OpenImage& image,
                                                const ReadContext& context,
                                                std::pmr::memory_resource* memory) {
  if (!plan.passthrough || !plan.tile) return std::nullopt;
  auto stored = image.source().stored_jpeg_tile(context, plan.level, *plan.tile);
  if (!stored) return pass_on(stored);
  if (!*stored) return std::nullopt;
  const StoredJpegTile& tile = **stored;
  return Body{std::pmr::string(memory),
              jpeg_splice_head(tile.tables, extras_of(plan, image.info())),
              tile.offset + kStartMarkerBytes, tile.length - kStartMarkerBytes};
}

}  // namespace iip
