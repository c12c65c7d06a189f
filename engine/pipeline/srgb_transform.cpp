#include "engine/pipeline/srgb_transform.h"

#include <lcms2.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <vector>

#include "engine/image/sample.h"
#include "engine/pipeline/normalise.h"

namespace iip {

namespace {

constexpr std::size_t kMostProfileBytes = std::size_t{4} << 20U;

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

// Grey with the tone curve of sRGB.
Profile grey_profile(cmsContext context) {
  const std::array<cmsFloat64Number, 5> kCurve = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92,
                                                  0.04045};
  const std::unique_ptr<cmsToneCurve, FreeCurve> curve(
      cmsBuildParametricToneCurve(context, 4, kCurve.data()));
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

}  // namespace

struct SrgbTransform::Parts {
  Context context;
  Transform transform;
  ColourModel from = ColourModel::rgb;
};

SrgbTransform::SrgbTransform(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SrgbTransform::~SrgbTransform() = default;

std::unique_ptr<const SrgbTransform> SrgbTransform::create(const Bytes& profile,
                                                           const PixelFormat& format) {
  if (profile.size() == 0 || profile.size() > kMostProfileBytes) return nullptr;
  if (format.model == ColourModel::lab) return nullptr;
  auto parts = std::make_unique<Parts>();
  parts->context.reset(cmsCreateContext(nullptr, nullptr));
  if (!parts->context) return nullptr;
  cmsContext context = parts->context.get();
  cmsSetLogErrorHandlerTHR(context, say_nothing);

  const Profile own(cmsOpenProfileFromMemTHR(context, profile.data(),
                                             static_cast<cmsUInt32Number>(profile.size())));
  if (!own || cmsGetColorSpace(own.get()) != space_of(format.model) || !is_of_a_device(own.get())) {
    return nullptr;
  }
  const bool grey = format.model == ColourModel::grey;
  const Profile srgb = grey ? grey_profile(context) : Profile(cmsCreate_sRGBProfileTHR(context));
  if (!srgb) return nullptr;
  // Without a cache of the last pixel, a transform may be used by several threads.
  cmsUInt32Number flags =
      cmsFLAGS_NOCACHE | cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_HIGHRESPRECALC;
  // Tables of 16-bit colours are off by two greys of 255 where the gamut ends. Those of inks are
  // what the profile itself has.
  if (format.type == SampleType::u16 && format.model == ColourModel::rgb) {
    flags |= cmsFLAGS_NOOPTIMIZE;
  }
  parts->from = format.model;
  parts->transform.reset(
      cmsCreateTransformTHR(context, own.get(), line_format(format.model, format.type), srgb.get(),
                            line_format(grey ? ColourModel::grey : ColourModel::rgb, format.type),
                            INTENT_RELATIVE_COLORIMETRIC, flags));
  if (!parts->transform) return nullptr;
  return std::unique_ptr<const SrgbTransform>(new SrgbTransform(std::move(parts)));
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
                     MemoryBudget& budget) {
  using Converter = LineConverter<T>;
  auto lines = Raster::create({static_cast<std::int64_t>(Converter::line_bytes(output)), 2},
                              {SampleType::u8, ColourModel::grey, false}, budget);
  if (!lines) return pass_on(lines);
  const Converter converter(input, output, transform);
  for (std::int64_t y = 0; y < output.size().height; ++y) {
    converter.convert(y, lines->row(0), lines->row(1));
  }
  return {};
}

// Of floats the colours are fractions now; inks become colours of the same depth.
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

Result<ScaledRaster> SrgbTransform::convert(ScaledRaster input, MemoryBudget& budget) const {
  PixelFormat format = input.raster.format();
  if (format.model != parts_->from) {
    return fail(ErrorKind::internal, "The colours can not be converted",
                "SrgbTransform: the raster has another colour model");
  }
  const bool floats = format.type == SampleType::u32 || format.type == SampleType::f32;
  if (format.model == ColourModel::cmyk) format.model = ColourModel::rgb;
  if (floats) format.type = SampleType::f32;
  auto output = Raster::create(input.raster.size(), format, budget);
  if (!output) return pass_on(output);
  auto done = with_sample_type(input.raster.format().type, [&](auto sample) {
    return convert_lines<decltype(sample)>(input, *output, parts_->transform.get(), budget);
  });
  if (!done) return pass_on(done);
  return ScaledRaster{std::move(*output),
                      converted_scale(std::move(input.scale), parts_->from, floats)};
}

}  // namespace iip
