#include "engine/source/jpeg_source.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/image/box_shrink.h"
#include "engine/source/jpeg_file.h"
#include "engine/source/level_ladder.h"
#include "engine/source/oriented_source.h"

namespace iip {

namespace {

constexpr std::int64_t kTileSide = 256;
// The last level that libjpeg's transforms give: an eighth.
constexpr std::size_t kLastTransformed = 3;
// Lines of the last transformed level that are averaged at a time.
constexpr std::int64_t kBandLines = 128;

tl::unexpected<Error> not_served(const std::string& what) {
  return fail(ErrorKind::unsupported, what + " are not served by this version", "JPEG: " + what);
}

Status check_kind(const JpegHeader& header) {
  const int components = header.component_count;
  if (header.bits != 8)
    return not_served("JPEG images of " + std::to_string(header.bits) + " bits");
  if (components == 2) return not_served("JPEG images of two channels");
  if (header.size.height == 0) return not_served("JPEG images that state their height at the end");
  switch (header.frame_marker) {
    case 0xC0:
    case 0xC1:
    case 0xC2:
    case 0xC9:
    case 0xCA:
      break;
    default:
      return not_served("Lossless and hierarchical JPEG images");
  }
  int across = 1;
  int down = 1;
  for (const JpegComponent& part : header.components) {
    across = std::max<int>(across, part.horizontal);
    down = std::max<int>(down, part.vertical);
  }
  for (const JpegComponent& part : header.components) {
    if (across % part.horizontal != 0 || down % part.vertical != 0) {
      return not_served("JPEG images with fractional sampling");
    }
  }
  return {};
}

Status check(const JpegHeader& header, const SourceLimits& limits) {
  if (header.size.width == 0) {
    return fail(ErrorKind::corrupt, "The image file is damaged", "JPEG: no columns");
  }
  if (Status status = check_kind(header); !status) return status;
  if (static_cast<std::uint64_t>(header.size.area()) <= limits.max_pixels) return {};
  return fail(ErrorKind::too_large, "The image is larger than this server allows",
              "JPEG: " + std::to_string(header.size.width) + "x" +
                  std::to_string(header.size.height) + " pixels; the limit is " +
                  std::to_string(limits.max_pixels) + " (IIPMaxSourcePixels)");
}

ImageInfo describe(const File& file, JpegFile& jpeg) {
  ImageInfo info;
  info.version = file.version();
  info.levels = level_ladder(jpeg.header.size, kTileSide);
  info.format.model = jpeg.header.component_count == 1 ? ColourModel::grey : ColourModel::rgb;
  info.stored_channels = jpeg.header.component_count;
  info.ranges.resize(static_cast<std::size_t>(info.format.channels()));
  info.density = jpeg.density;
  info.metadata = std::move(jpeg.metadata);
  // A profile of inks says nothing about the RGB that is made of them.
  if (jpeg.header.component_count != 4) info.icc_profile = std::move(jpeg.icc_profile);
  info.type_name = "JPEG";
  return info;
}

}  // namespace

bool is_jpeg(ByteSpan head) {
  constexpr std::array<std::uint8_t, 3> kStart{0xFF, 0xD8, 0xFF};
  return head.size() >= kStart.size() && std::equal(kStart.begin(), kStart.end(), head.begin());
}

Result<std::shared_ptr<const Source>> JpegSource::open(const File& file, const SourceLimits& limits,
                                                       LogSink&) {
  Result<JpegFile> jpeg = read_jpeg_file(file, limits.max_metadata);
  if (!jpeg) return pass_on(jpeg);
  if (Status status = check(jpeg->header, limits); !status) return pass_on(status);
  auto stream = JpegStream::of(jpeg->header, std::move(jpeg->head), jpeg->scan_offset);
  if (!stream) return not_served("Progressive JPEG images");
  auto source = std::make_shared<const JpegSource>(describe(file, *jpeg), std::move(stream),
                                                   jpeg->header.has_adobe);
  return OrientedSource::wrap(std::move(source), jpeg->orientation);
}

JpegSource::JpegSource(ImageInfo info, std::unique_ptr<const JpegStream> stream, bool inverted_cmyk)
    : Source(std::move(info)), stream_(std::move(stream)), inverted_cmyk_(inverted_cmyk) {}

Result<Raster> JpegSource::read(const ReadContext& context, std::size_t level,
                                const Rect& rect) const {
  const bool inside = level < info_.levels.size() && !rect.empty() &&
                      intersect(rect, Rect::of(info_.levels[level].size)) == rect;
  if (!inside) return fail(ErrorKind::internal, "The request failed", "JPEG: read outside a level");
  return level <= kLastTransformed ? read_transformed(context, level, rect)
                                   : read_averaged(context, level, rect);
}

Result<Raster> JpegSource::read_transformed(const ReadContext& context, std::size_t level,
                                            const Rect& rect) const {
  return stream_->read(StoredBytes(context.file), 1 << level, rect, inverted_cmyk_, context);
}

// From the last transformed level, a band at a time.
Result<Raster> JpegSource::read_averaged(const ReadContext& context, std::size_t level,
                                         const Rect& rect) const {
  const std::int64_t factor = std::int64_t{1} << (level - kLastTransformed);
  const Rect covered =
      intersect({rect.x * factor, rect.y * factor, rect.width * factor, rect.height * factor},
                Rect::of(info_.levels[kLastTransformed].size));
  auto shrinker = BoxShrinker::create(covered.size(), info_.format, factor, factor, context.budget);
  if (!shrinker) return pass_on(shrinker);
  for (std::int64_t top = covered.y; top < covered.bottom(); top += kBandLines) {
    const std::int64_t lines = std::min(kBandLines, covered.bottom() - top);
    Result<Raster> band =
        read_transformed(context, kLastTransformed, {covered.x, top, covered.width, lines});
    if (!band) return band;
    for (std::int64_t y = 0; y < lines; ++y) shrinker->feed(band->row(y));
  }
  return shrinker->take();
}

}  // namespace iip
