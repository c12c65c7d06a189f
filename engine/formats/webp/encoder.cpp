#include "engine/formats/webp/encoder.h"

// libwebp and its muxer report errors by return values; our writer callback is noexcept.
#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <string>

#include "engine/base/checkpoint.h"
#include "engine/base/no_memory.h"
#include "engine/encode/extras.h"
#include "engine/formats/metadata/exif_block.h"

namespace iip {

namespace {

// From 0 to 6: higher ones cost far more time than the bytes that they save are worth.
constexpr int kMethod = 2;
// From 0 to 100, for lossless pictures.
constexpr float kLosslessEffort = 20;

struct FreePicture {
  void operator()(WebPPicture* picture) const { WebPPictureFree(picture); }
};
struct DeleteMux {
  void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
};
struct ClearData {
  void operator()(WebPData* data) const { WebPDataClear(data); }
};

tl::unexpected<Error> failure(const std::string& reason) {
  return fail(ErrorKind::internal, "The picture can not be encoded", "libwebp: " + reason);
}

int append_bytes(const std::uint8_t* data, std::size_t size, const WebPPicture* picture) noexcept {
  try {
    auto& out = *static_cast<ByteVector*>(picture->custom_ptr);
    out.insert(out.end(), data, data + size);
    return 1;
  } catch (const std::exception&) {
    return 0;
  }
}

// 0xAARRGGBB.
std::uint32_t argb_of(const std::uint8_t* sample, bool grey, bool alpha) {
  const std::uint32_t red = sample[0];
  const std::uint32_t green = grey ? red : sample[1];
  const std::uint32_t blue = grey ? red : sample[2];
  const std::uint32_t opacity = alpha ? sample[grey ? 1 : 3] : 255U;
  return opacity << 24U | red << 16U | green << 8U | blue;
}

// libwebp calls it some hundred times for a picture; 0: it is to stop.
int go_on(int /*percent*/, const WebPPicture* picture) noexcept {
  const auto& deadline = *static_cast<const Deadline*>(picture->user_data);
  return deadline.is_over() ? 0 : 1;
}

Status copy_pixels(const Raster& raster, WebPPicture& picture, const Deadline& deadline) {
  const bool grey = raster.format().model == ColourModel::grey;
  const bool alpha = raster.format().alpha;
  const int channels = raster.channels();
  return for_rows(picture.height, raster.row_bytes(), deadline, [&](std::int64_t y) {
    const std::uint8_t* from = raster.row(y);
    std::uint32_t* to = picture.argb + y * picture.argb_stride;
    for (int x = 0; x < picture.width; ++x, from += channels) to[x] = argb_of(from, grey, alpha);
  });
}

Result<WebPConfig> configuration(int quality) {
  WebPConfig config;
  const bool lossless = quality < 0;
  if (WebPConfigInit(&config) == 0) return failure("another version than it was built with");
  config.lossless = lossless ? 1 : 0;
  config.exact = 1;
  config.quality = lossless ? kLosslessEffort : static_cast<float>(std::min(quality, 100));
  config.method = lossless ? 0 : kMethod;
  return config;
}

// The picture, without what is said of it.
Result<ByteVector> compress(const Raster& raster, int quality, const Deadline& deadline) {
  const auto config = configuration(quality);
  if (!config) return tl::unexpected(config.error());
  WebPPicture picture;
  if (WebPPictureInit(&picture) == 0) return failure("another version than it was built with");
  const std::unique_ptr<WebPPicture, FreePicture> owner(&picture);
  ByteVector out;
  picture.use_argb = 1;
  picture.width = static_cast<int>(raster.size().width);
  picture.height = static_cast<int>(raster.size().height);
  picture.writer = append_bytes;
  picture.custom_ptr = &out;
  picture.progress_hook = go_on;
  Deadline asked = deadline;  // libwebp has no const pointers for what is its user's
  picture.user_data = &asked;
  if (WebPPictureAlloc(&picture) == 0) return no_memory("libwebp");
  if (auto done = copy_pixels(raster, picture, deadline); !done) return pass_on(done);
  if (WebPEncode(&*config, &picture) == 0) {
    if (picture.error_code == VP8_ENC_ERROR_USER_ABORT) return deadline.failure();
    // Our writer fails for want of memory alone.
    const bool is_short = picture.error_code == VP8_ENC_OK ||
                          picture.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
                          picture.error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY ||
                          picture.error_code == VP8_ENC_ERROR_BAD_WRITE;
    if (is_short) return no_memory("libwebp");
    return failure("error " + std::to_string(picture.error_code));
  }
  return out;
}

WebPData data_of(ByteSpan bytes) { return {bytes.data(), bytes.size()}; }

ByteSpan span_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Chunks {
  ByteSpan icc_profile;
  ByteVector exif;
  std::string xmp;

  bool empty() const { return icc_profile.empty() && exif.empty() && xmp.empty(); }
};

Result<ByteVector> with_chunks(const ByteVector& bare, const Chunks& chunks) {
  const std::unique_ptr<WebPMux, DeleteMux> mux(WebPMuxNew());
  constexpr int kByReference = 0;
  const auto set = [&](const char* name, ByteSpan bytes) {
    const WebPData data = data_of(bytes);
    return bytes.empty() || WebPMuxSetChunk(mux.get(), name, &data, kByReference) == WEBP_MUX_OK;
  };
  const WebPData image = data_of(bare);
  WebPData whole{};
  const std::unique_ptr<WebPData, ClearData> owner(&whole);
  if (!mux || WebPMuxSetImage(mux.get(), &image, kByReference) != WEBP_MUX_OK ||
      !set("ICCP", chunks.icc_profile) || !set("EXIF", chunks.exif) ||
      !set("XMP ", span_of(chunks.xmp)) || WebPMuxAssemble(mux.get(), &whole) != WEBP_MUX_OK) {
    return failure("the chunks can not be put together");
  }
  return ByteVector(whole.bytes, whole.bytes + whole.size);
}

Status check(const Raster& raster) {
  const PixelFormat& format = raster.format();
  const bool colours = format.model == ColourModel::grey || format.model == ColourModel::rgb;
  if (format.type != SampleType::u8 || !colours || format.extra != 0) {
    return fail(ErrorKind::internal, "The picture can not be encoded",
                "encode_webp: neither grey nor RGB of 8 bits");
  }
  if (raster.size().width > WEBP_MAX_DIMENSION || raster.size().height > WEBP_MAX_DIMENSION) {
    return fail(ErrorKind::too_large, "A WebP picture has at most 16383 pixels a side");
  }
  return {};
}

}  // namespace

Result<Bytes> encode_webp(const Raster& raster, int quality, const PictureExtras& extras,
                          const Deadline& deadline) {
  if (auto checked = check(raster); !checked) return pass_on(checked);
  auto bare = compress(raster, quality, deadline);
  if (!bare) return pass_on(bare);
  const ByteSpan profile = extras.icc_profile.span();
  const Chunks chunks{profile_fits(profile, ColourModel::rgb) ? profile : ByteSpan{},
                      upright_exif(extras.metadata.exif.span()), upright_xmp(extras.metadata.xmp)};
  if (chunks.empty()) return Bytes(std::move(*bare));
  auto whole = with_chunks(*bare, chunks);
  if (!whole) return pass_on(whole);
  return Bytes(std::move(*whole));
}

}  // namespace iip
