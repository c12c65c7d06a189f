#include "engine/formats/png/source.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/formats/metadata/embedded_profile.h"
#include "engine/source/file_feed.h"
#include "engine/source/level_ladder.h"
#include "engine/source/oriented_source.h"

namespace iip {

namespace {

constexpr std::int64_t kTileSide = 256;

ImageInfo describe(const File& file, PngHeader& header, LogSink& log) {
  ImageInfo info;
  info.version = file.version();
  info.levels = level_ladder(header.picture.size, kTileSide);
  info.format = header.picture.format;
  info.stored_channels = header.picture.channels;
  info.stored_bits = header.picture.bits;
  info.ranges.assign(static_cast<std::size_t>(header.picture.format.colours()),
                     {0, header.picture.bits == 16 ? 65535.0 : 255.0});
  info.density = header.density;
  info.metadata = std::move(header.metadata);
  info.icc_profile = embedded_profile(std::move(header.icc_profile), log);
  info.type_name = "PNG";
  return info;
}

}  // namespace

bool is_png(ByteSpan head) {
  constexpr std::array<std::uint8_t, 8> kSignature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  return head.size() >= kSignature.size() &&
         std::equal(kSignature.begin(), kSignature.end(), head.begin());
}

Result<std::shared_ptr<const Source>> PngSource::open(const OpenContext& context) {
  Result<PngHeader> header = read_png_header(context);
  if (!header) return pass_on(header);
  if (static_cast<std::uint64_t>(header->picture.size.area()) > context.limits.max_pixels) {
    return fail(ErrorKind::too_large, "The image is larger than this server allows",
                "PNG: " + std::to_string(header->picture.size.width) + "x" +
                    std::to_string(header->picture.size.height) + " pixels; the limit is " +
                    std::to_string(context.limits.max_pixels) + " (IIPMaxSourcePixels)");
  }
  ImageInfo info = describe(context.file, *header, context.log);
  const int orientation = header->orientation;
  auto source = std::make_shared<const PngSource>(std::move(info), std::move(*header));
  return OrientedSource::wrap(std::move(source), orientation);
}

Result<Raster> PngSource::read(const ReadContext& context, std::size_t level,
                               const Rect& rect) const {
  const bool inside = level < info_.levels.size() && !rect.empty() &&
                      intersect(rect, Rect::of(info_.levels[level].size)) == rect;
  if (!inside) return fail(ErrorKind::internal, "The request failed", "PNG: read outside a level");
  const auto make = [&] { return decode(context); };
  const auto picture = context.kept == nullptr ? make()
                                               : context.kept->find_or_make<KeptPicture>(
                                                     {picture_}, context.deadline, make);
  if (!picture) return tl::unexpected(picture.error());
  return (*picture)->copy(level, rect, context.budget);
}

Result<std::shared_ptr<const KeptPicture>> PngSource::decode(const ReadContext& context) const {
  auto full = UnwrittenRaster::create(header_.picture.size, header_.picture.format, context.budget);
  if (!full) return pass_on(full);
  // libpng's lines: this one and the one before, of up to 8 bytes a pixel.
  const Result<Reservation> lines =
      context.budget.reserve(static_cast<std::uint64_t>(header_.picture.size.width) * 16);
  if (!lines) return tl::unexpected(lines.error());
  FileFeed feed(header_.head, StoredBytes(context.file), header_.data_offset, context.deadline);
  Status status = read_png_pixels(feed, header_.picture, full->pixels());
  if (!status) return pass_on(status);
  return KeptPicture::of(std::move(*full).written(header_.picture.size.height), info_.levels.size(),
                         context.budget);
}

}  // namespace iip
