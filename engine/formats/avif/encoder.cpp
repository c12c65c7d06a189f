#include "engine/formats/avif/encoder.h"

// libavif reports errors by return values, and calls nothing of ours.
#include <avif/avif.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "engine/encode/extras.h"
#include "engine/formats/metadata/exif_block.h"

namespace iip {

namespace {

constexpr std::int64_t kMostPixelsASide = 65536;  // AV1 specification, 5.5.1
constexpr std::int64_t kLeastForSvt = 64;

struct DestroyImage {
  void operator()(avifImage* image) const { avifImageDestroy(image); }
};
struct DestroyEncoder {
  void operator()(avifEncoder* encoder) const { avifEncoderDestroy(encoder); }
};
struct FreeData {
  void operator()(avifRWData* data) const { avifRWDataFree(data); }
};
using Image = std::unique_ptr<avifImage, DestroyImage>;

tl::unexpected<Error> failure(avifResult result, const char* diagnosis = "") {
  return fail(ErrorKind::internal, "The picture can not be encoded",
              std::string("libavif: ") + avifResultToString(result) + " " + diagnosis);
}

avifCodecChoice library_codec(AvifCodec codec) {
  switch (codec) {
    case AvifCodec::aom:
      return AVIF_CODEC_CHOICE_AOM;
    case AvifCodec::rav1e:
      return AVIF_CODEC_CHOICE_RAV1E;
    case AvifCodec::svt:
      return AVIF_CODEC_CHOICE_SVT;
    default:
      return AVIF_CODEC_CHOICE_AUTO;
  }
}

const char* name_of(AvifCodec codec) {
  constexpr const char* kNames[] = {"encoder", "aom", "rav1e", "svt"};
  return kNames[static_cast<int>(codec)];
}

bool svt_makes(const Raster& raster) {
  const auto fits = [](std::int64_t side) { return side >= kLeastForSvt && side % 2 == 0; };
  return fits(raster.size().width) && fits(raster.size().height) &&
         raster.format().model == ColourModel::rgb;
}

// None but aom is lossless.
AvifCodec able_codec(AvifCodec codec, const Raster& raster, bool lossless) {
  const bool able = !lossless && (codec != AvifCodec::svt || svt_makes(raster));
  return able ? codec : AvifCodec::aom;
}

// 0 (the best) to 63, as libavif 1.0 maps qualities.
int quantizer_of(int quality) {
  constexpr int kWorst = AVIF_QUANTIZER_WORST_QUALITY;
  return quality < 0 ? AVIF_QUANTIZER_LOSSLESS
                     : ((100 - std::min(quality, 100)) * kWorst + 50) / 100;
}

// ITU-T H.273. What a profile describes is unspecified here.
void set_colour(avifImage& image, ByteSpan profile, bool lossless) {
  const bool grey = image.yuvFormat == AVIF_PIXEL_FORMAT_YUV400;
  image.yuvRange = AVIF_RANGE_FULL;
  image.matrixCoefficients =
      lossless && !grey ? AVIF_MATRIX_COEFFICIENTS_IDENTITY : AVIF_MATRIX_COEFFICIENTS_BT601;
  if (!profile.empty()) {
    avifImageSetProfileICC(&image, profile.data(), profile.size());
    image.colorPrimaries = AVIF_COLOR_PRIMARIES_UNSPECIFIED;
    image.transferCharacteristics = AVIF_TRANSFER_CHARACTERISTICS_UNSPECIFIED;
  } else {
    image.colorPrimaries = AVIF_COLOR_PRIMARIES_BT709;
    image.transferCharacteristics = AVIF_TRANSFER_CHARACTERISTICS_SRGB;
  }
}

void set_metadata(avifImage& image, const Metadata& metadata) {
  const ByteVector exif = upright_exif(metadata.exif.span());
  if (!exif.empty()) avifImageSetMetadataExif(&image, exif.data(), exif.size());
  const std::string xmp = upright_xmp(metadata.xmp);
  if (!xmp.empty()) {
    avifImageSetMetadataXMP(&image, reinterpret_cast<const std::uint8_t*>(xmp.data()), xmp.size());
  }
}

void copy_grey(const Raster& raster, avifImage& image) {
  const bool alpha = raster.format().alpha;
  for (std::uint32_t y = 0; y < image.height; ++y) {
    const std::uint8_t* from = raster.row(y);
    std::uint8_t* grey = image.yuvPlanes[AVIF_CHAN_Y] + std::size_t{y} * image.yuvRowBytes[0];
    std::uint8_t* opacity =
        alpha ? image.alphaPlane + std::size_t{y} * image.alphaRowBytes : nullptr;
    for (std::uint32_t x = 0; x < image.width; ++x) {
      *grey++ = *from++;
      if (alpha) *opacity++ = *from++;
    }
  }
}

avifResult convert_rgb(const Raster& raster, avifImage& image) {
  avifRGBImage rgb;
  avifRGBImageSetDefaults(&rgb, &image);
  rgb.depth = 8;
  rgb.format = raster.format().alpha ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
  rgb.pixels = const_cast<std::uint8_t*>(raster.row(0));  // read only
  rgb.rowBytes = static_cast<std::uint32_t>(raster.stride());
  return avifImageRGBToYUV(&image, &rgb);
}

avifPixelFormat planes_of(const PixelFormat& format, bool lossless) {
  if (format.model == ColourModel::grey) return AVIF_PIXEL_FORMAT_YUV400;
  return lossless ? AVIF_PIXEL_FORMAT_YUV444 : AVIF_PIXEL_FORMAT_YUV420;
}

Result<Image> image_of(const Raster& raster, bool lossless, const PictureExtras& extras) {
  const PixelFormat& format = raster.format();
  Image image(avifImageCreate(static_cast<std::uint32_t>(raster.size().width),
                              static_cast<std::uint32_t>(raster.size().height), 8,
                              planes_of(format, lossless)));
  if (!image) return failure(AVIF_RESULT_OUT_OF_MEMORY);
  const ByteSpan profile = extras.icc_profile.span();
  set_colour(*image, profile_fits(profile, format.model) ? profile : ByteSpan{}, lossless);
  set_metadata(*image, extras.metadata);
  const avifPlanesFlags planes = format.alpha ? AVIF_PLANES_ALL : AVIF_PLANES_YUV;
  avifResult result = avifImageAllocatePlanes(image.get(), planes);
  if (result != AVIF_RESULT_OK) return failure(result);
  if (format.model == ColourModel::grey) {
    copy_grey(raster, *image);
  } else {
    result = convert_rgb(raster, *image);
  }
  if (result != AVIF_RESULT_OK) return failure(result);
  return image;
}

Status check(const Raster& raster) {
  const PixelFormat& format = raster.format();
  const bool colours = format.model == ColourModel::grey || format.model == ColourModel::rgb;
  if (format.type != SampleType::u8 || !colours || format.extra != 0) {
    return fail(ErrorKind::internal, "The picture can not be encoded",
                "encode_avif: neither grey nor RGB of 8 bits");
  }
  if (std::max(raster.size().width, raster.size().height) > kMostPixelsASide) {
    return fail(ErrorKind::too_large, "An AVIF picture has at most 65536 pixels a side");
  }
  return {};
}

}  // namespace

Result<Bytes> encode_avif(const Raster& raster, int quality, AvifCodec codec,
                          const PictureExtras& extras) {
  if (auto checked = check(raster); !checked) return pass_on(checked);
  const bool lossless = quality < 0;
  const AvifCodec able = able_codec(codec, raster, lossless);
  const avifCodecChoice choice = library_codec(able);
  if (avifCodecName(choice, AVIF_CODEC_FLAG_CAN_ENCODE) == nullptr) {
    return fail(ErrorKind::unsupported, "AVIF is not served here",
                std::string("libavif was built without ") + name_of(able) + " (IIPAVIFCodec)");
  }
  auto image = image_of(raster, lossless, extras);
  if (!image) return pass_on(image);
  const std::unique_ptr<avifEncoder, DestroyEncoder> encoder(avifEncoderCreate());
  if (!encoder) return failure(AVIF_RESULT_OUT_OF_MEMORY);
  encoder->codecChoice = choice;
  encoder->maxThreads = 1;  // as many pictures are made at a time as there are processors
  encoder->speed = AVIF_SPEED_FASTEST;
  encoder->minQuantizer = encoder->maxQuantizer = quantizer_of(quality);
  encoder->minQuantizerAlpha = encoder->maxQuantizerAlpha = quantizer_of(quality);
  avifRWData out = AVIF_DATA_EMPTY;
  const std::unique_ptr<avifRWData, FreeData> owner(&out);
  const avifResult result = avifEncoderWrite(encoder.get(), image->get(), &out);
  if (result != AVIF_RESULT_OK) return failure(result, encoder->diag.error);
  ByteVector file;
  file.assign(out.data, out.data + out.size);
  return Bytes(std::move(file));
}

}  // namespace iip
