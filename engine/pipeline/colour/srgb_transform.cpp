#include "engine/pipeline/colour/srgb_transform.h"

#include <lcms2.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/checkpoint.h"
#include "engine/image/icc_profile.h"
#include "engine/image/sample.h"
#include "engine/pipeline/colour/colour_shaper.h"
#include "engine/pipeline/normalise.h"

namespace iip {

namespace {

constexpr std::size_t kMostProfileBytes = std::size_t{4} << 20U;

// What a transform takes: contexts, curves and stages; and for the profile's tables two copies in
// 16 bits, which may be twice as wide as the tables are in it.
constexpr std::uint64_t kLeastTransformBytes = std::uint64_t{256} << 10U;
constexpr std::uint64_t kBytesPerProfileByte = 4;

struct CloseContext {
  void operator()(_cmsContext_struct* context) const { cmsDeleteContext(context); }
};
using Context = std::unique_ptr<_cmsContext_struct, CloseContext>;

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, CloseProfile>;

struct FreeCurve {
  void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};

struct FreeTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
using Transform = std::unique_ptr<void, FreeTransform>;

void say_nothing(cmsContext /*context*/, cmsUInt32Number /*code*/, const char* /*text*/) {}

cmsColorSpaceSignature space_of(ColourModel model) {
  switch (model) {
    case ColourModel::grey:
      return cmsSigGrayData;
    case ColourModel::cmyk:
      return cmsSigCmykData;
    default:
      return cmsSigRgbData;
  }
}

bool is_of_a_device(cmsHPROFILE profile) {
  const cmsProfileClassSignature kind = cmsGetDeviceClass(profile);
  return kind == cmsSigInputClass || kind == cmsSigDisplayClass || kind == cmsSigOutputClass ||
         kind == cmsSigColorSpaceClass;
}

using Curve = std::unique_ptr<cmsToneCurve, FreeCurve>;

// The colours of sRGB as linear light.
Profile linear_profile(cmsContext context, bool grey) {
  const Curve straight(cmsBuildGamma(context, 1));
  if (!straight) return nullptr;
  if (grey) return Profile(cmsCreateGrayProfileTHR(context, cmsD50_xyY(), straight.get()));
  const cmsCIExyY white = {0.3127, 0.3290, 1};
  const cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
  std::array<cmsToneCurve*, 3> curves = {straight.get(), straight.get(), straight.get()};
  return Profile(cmsCreateRGBProfileTHR(context, &white, &primaries, curves.data()));
}

// Grey with the tone curve of sRGB.
Profile grey_profile(cmsContext context) {
  const std::array<cmsFloat64Number, 5> kCurve = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92,
                                                  0.04045};
  const Curve curve(cmsBuildParametricToneCurve(context, 4, kCurve.data()));
  return Profile(curve ? cmsCreateGrayProfileTHR(context, cmsD50_xyY(), curve.get()) : nullptr);
}

// Little CMS's description of a line of colours without anything between them.
cmsUInt32Number line_format(ColourModel model, SampleType type) {
  const bool floats = type == SampleType::u32 || type == SampleType::f32;
  const unsigned bytes = floats ? 4 : static_cast<unsigned>(bytes_of(type));
  const unsigned space = model == ColourModel::grey   ? PT_GRAY
                         : model == ColourModel::cmyk ? PT_CMYK
                                                      : PT_RGB;
  return FLOAT_SH(floats ? 1U : 0U) | COLORSPACE_SH(space) |
         CHANNELS_SH(static_cast<unsigned>(colours_of(model))) | BYTES_SH(bytes);
}

// Step by step. Without a cache of the last pixel a transform may be used by several threads.
Transform transform_between(cmsContext context, const Profile& from, cmsUInt32Number from_format,
                            const Profile& to, cmsUInt32Number to_format) {
  if (!from || !to) return nullptr;
  return Transform(cmsCreateTransformTHR(
      context, from.get(), from_format, to.get(), to_format, INTENT_RELATIVE_COLORIMETRIC,
      cmsFLAGS_NOCACHE | cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_NOOPTIMIZE));
}

std::optional<ColourShaper> shaper_of(cmsContext context, const Profile& own, ColourModel model) {
  const cmsUInt32Number floats = line_format(model, SampleType::f32);
  const Profile linear = linear_profile(context, model == ColourModel::grey);
  const Transform transform = transform_between(context, own, floats, linear, floats);
  if (!transform) return std::nullopt;
  const auto channels = static_cast<std::size_t>(colours_of(model));
  return ColourShaper::find(channels, [&](std::span<const float> colours, std::span<float> light) {
    cmsDoTransform(transform.get(), colours.data(), light.data(),
                   static_cast<cmsUInt32Number>(colours.size() / channels));
  });
}

bool is_whole(SampleType type) { return type == SampleType::u8 || type == SampleType::u16; }

}  // namespace

struct SrgbTransform::Parts {
  Context context;
  Transform transform;  // null where there is a shaper
  ColourModel from = ColourModel::rgb;
  std::optional<ColourShaper> shaper;
  std::uint64_t bytes = 0;  // of the transform
};

SrgbTransform::SrgbTransform(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SrgbTransform::~SrgbTransform() = default;

std::unique_ptr<const SrgbTransform> SrgbTransform::create(const Bytes& profile,
                                                           const PixelFormat& format) {
  if (profile.size() == 0 || profile.size() > kMostProfileBytes) return nullptr;
  if (format.model == ColourModel::lab) return nullptr;
  if (!check_icc_profile(profile.span())) return nullptr;
  std::unique_ptr<SrgbTransform> made(new SrgbTransform(std::make_unique<Parts>()));
  Parts& parts = *made->parts_;
  parts.from = format.model;
  Context context(cmsCreateContext(nullptr, nullptr));
  if (!context) return nullptr;
  cmsSetLogErrorHandlerTHR(context.get(), say_nothing);
  const Profile own(cmsOpenProfileFromMemTHR(context.get(), profile.data(),
                                             static_cast<cmsUInt32Number>(profile.size())));
  if (!own || cmsGetColorSpace(own.get()) != space_of(format.model) || !is_of_a_device(own.get())) {
    return nullptr;
  }
  if (is_whole(format.type) && format.model != ColourModel::cmyk) {
    parts.shaper = shaper_of(context.get(), own, format.model);
    if (parts.shaper) return made;
  }
  const bool grey = format.model == ColourModel::grey;
  const Profile srgb =
      grey ? grey_profile(context.get()) : Profile(cmsCreate_sRGBProfileTHR(context.get()));
  parts.transform =
      transform_between(context.get(), own, line_format(format.model, format.type), srgb,
                        line_format(grey ? ColourModel::grey : ColourModel::rgb, format.type));
  if (!parts.transform) return nullptr;
  parts.context = std::move(context);
  parts.bytes = bytes_for(profile);
  return made;
}

std::uint64_t SrgbTransform::bytes() const {
  return parts_->shaper ? parts_->shaper->bytes() : parts_->bytes;
}

std::uint64_t SrgbTransform::bytes_for(const Bytes& profile) {
  return kLeastTransformBytes + kBytesPerProfileByte * profile.size();
}

namespace {

// Converts line by line: the colours are collected, transformed, and put to their places.
template <class T>
class LineConverter {
 public:
  // Samples as Little CMS takes and gives them. Integers of up to 16 bits keep their type.
  static constexpr bool kWhole = sizeof(T) <= 2;
  using Number = std::conditional_t<kWhole, T, float>;

  LineConverter(const ScaledRaster& input, Raster& output, cmsHTRANSFORM transform)
      : input_(input),
        output_(output),
        transform_(transform),
        scales_(channel_scales({}, input.scale, nullptr)),
        from_colours_(static_cast<std::size_t>(input.raster.format().colours())),
        to_colours_(static_cast<std::size_t>(output.format().colours())),
        // 16-bit samples with fewer bits are widened; inks as floats are percentages.
        widening_(kWhole ? static_cast<double>(kFullSample<Number>) / input.scale.opaque
                  : input.raster.format().model == ColourModel::cmyk ? 100
                                                                     : 1) {}

  static std::size_t line_bytes(const Raster& raster) {
    return static_cast<std::size_t>(raster.size().width) * 4 * sizeof(Number);
  }

  void convert(std::int64_t y, std::uint8_t* before, std::uint8_t* after) const {
    const auto width = static_cast<std::size_t>(output_.size().width);
    auto* colours = reinterpret_cast<Number*>(before);
    const auto from_step = static_cast<std::size_t>(input_.raster.channels());
    const T* from = input_.raster.samples<T>(y).data();
    for (std::size_t x = 0; x < width; ++x) {
      for (std::size_t c = 0; c < from_colours_; ++c) {
        *colours++ = widened(from[x * from_step + c], c);
      }
    }
    cmsDoTransform(transform_, before, after, static_cast<cmsUInt32Number>(width));

    const auto* converted = reinterpret_cast<const Number*>(after);
    Number* to = output_.samples<Number>(y).data();
    for (std::size_t x = 0; x < width; ++x, from += from_step) {
      for (std::size_t c = 0; c < to_colours_; ++c) *to++ = narrowed(*converted++);
      for (std::size_t c = from_colours_; c < from_step; ++c) *to++ = static_cast<Number>(from[c]);
    }
  }

 private:
  Number widened(T sample, std::size_t channel) const {
    if constexpr (kWhole) {
      return widening_ == 1 ? sample : to_sample<Number>(static_cast<double>(sample) * widening_);
    } else {
      return scales_[channel].fraction(sample) * static_cast<float>(widening_);
    }
  }
  Number narrowed(Number sample) const {
    if constexpr (kWhole) {
      return widening_ == 1 ? sample : to_sample<Number>(static_cast<double>(sample) / widening_);
    } else {
      return sample;
    }
  }

  const ScaledRaster& input_;
  Raster& output_;
  cmsHTRANSFORM transform_;
  std::vector<ChannelScale> scales_;
  std::size_t from_colours_;
  std::size_t to_colours_;
  double widening_;
};

template <class T>
Status convert_lines(const ScaledRaster& input, Raster& output, cmsHTRANSFORM transform,
                     const Allowance& allowance) {
  using Converter = LineConverter<T>;
  auto lines = Raster::create({static_cast<std::int64_t>(Converter::line_bytes(output)), 2},
                              {SampleType::u8, ColourModel::grey, false}, allowance.budget);
  if (!lines) return pass_on(lines);
  const Converter converter(input, output, transform);
  const std::uint64_t samples = input.raster.row_bytes() / sizeof(T) * Checkpoint::kSlow;
  return for_rows(output.size().height, samples, allowance.deadline,
                  [&](std::int64_t y) { converter.convert(y, lines->row(0), lines->row(1)); });
}

// In place.
template <class T>
Status shape_lines(Raster& raster, const ColourShaper& shaper, double opaque,
                   const Deadline& deadline) {
  const auto width = static_cast<std::size_t>(raster.size().width);
  const auto step = static_cast<std::size_t>(raster.channels());
  return for_rows(raster.size().height, width * step, deadline, [&](std::int64_t y) {
    shaper.convert(raster.samples<T>(y).data(), width, step, opaque);
  });
}

// The scale of the samples after the conversion: colours that were floats are fractions now, and
// inks have become colours of the same depth.
SampleScale converted_scale(SampleScale scale, ColourModel from, bool floats) {
  const bool inks = from == ColourModel::cmyk;
  if (inks) scale.ranges.erase(scale.ranges.begin());
  if (!inks && !floats) return scale;
  const std::size_t colours = from == ColourModel::grey ? 1 : 3;
  std::fill_n(scale.ranges.begin(), colours, SampleRange{0, floats ? 1 : scale.opaque});
  scale.offset = 0;
  return scale;
}

}  // namespace

Result<ScaledRaster> SrgbTransform::convert(ScaledRaster input, const Allowance& allowance) const {
  PixelFormat format = input.raster.format();
  if (format.model != parts_->from) {
    return fail(ErrorKind::internal, "The colours can not be converted",
                "SrgbTransform: the raster has another colour model");
  }
  if (parts_->shaper) {
    const auto shape =
        format.type == SampleType::u8 ? shape_lines<std::uint8_t> : shape_lines<std::uint16_t>;
    auto done = shape(input.raster, *parts_->shaper, input.scale.opaque, allowance.deadline);
    if (!done) return pass_on(done);
    return input;
  }
  const bool floats = !is_whole(format.type);
  if (format.model == ColourModel::cmyk) format.model = ColourModel::rgb;
  if (floats) format.type = SampleType::f32;
  auto output = UnwrittenRaster::create(input.raster.size(), format, allowance.budget);
  if (!output) return pass_on(output);
  auto done = with_sample_type(input.raster.format().type, [&](auto sample) {
    return convert_lines<decltype(sample)>(input, output->pixels(), parts_->transform.get(),
                                           allowance);
  });
  if (!done) return pass_on(done);
  return ScaledRaster{std::move(*output).written(input.raster.size().height),
                      converted_scale(std::move(input.scale), parts_->from, floats)};
}

}  // namespace iip
