#include "engine/formats/jpeg/source.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/formats/jpeg/scan_count.h"
#include "engine/formats/jpeg/transcode.h"
#include "engine/formats/metadata/embedded_profile.h"
#include "engine/image/box_shrink.h"
#include "engine/source/file_feed.h"
#include "engine/source/kept_picture.h"
#include "engine/source/level_ladder.h"
#include "engine/source/oriented_source.h"

namespace iip {

namespace {

constexpr std::int64_t kTileSide = 256;
// The last level that libjpeg's transforms give: an eighth.
constexpr std::size_t kLastTransformed = 3;
// Lines of the last transformed level that are averaged at a time.
constexpr std::int64_t kBandLines = 128;
// A picture whose eighth takes more, 700 megapixels or so, is gone through each time.
constexpr std::uint64_t kMostOverviewBytes = std::uint64_t{64} << 20;

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
    return damaged("JPEG: no columns");
  }
  if (Status status = check_kind(header); !status) return status;
  if (static_cast<std::uint64_t>(header.size.area()) <= limits.max_pixels) return {};
  return fail(ErrorKind::too_large, "The image is larger than this server allows",
              "JPEG: " + std::to_string(header.size.width) + "x" +
                  std::to_string(header.size.height) + " pixels; the limit is " +
                  std::to_string(limits.max_pixels) + " (IIPMaxSourcePixels)");
}

ImageInfo describe(const File& file, JpegFile& jpeg, LogSink& log) {
  ImageInfo info;
  info.version = file.version();
  info.levels = level_ladder(jpeg.header.size, kTileSide);
  info.format.model = jpeg.header.component_count == 1 ? ColourModel::grey : ColourModel::rgb;
  info.stored_channels = jpeg.header.component_count;
  info.ranges.resize(static_cast<std::size_t>(info.format.channels()));
  info.density = jpeg.density;
  info.metadata = std::move(jpeg.metadata);
  // A profile of inks says nothing about the RGB that is made of them.
  if (jpeg.header.component_count != 4) {
    info.icc_profile = embedded_profile(std::move(jpeg.icc_profile), log);
  }
  info.type_name = "JPEG";
  return info;
}

}  // namespace

bool is_jpeg(ByteSpan head) {
  constexpr std::array<std::uint8_t, 3> kStart{0xFF, 0xD8, 0xFF};
  return head.size() >= kStart.size() && std::equal(kStart.begin(), kStart.end(), head.begin());
}

// A progressive picture, made sequential.
class JpegSource::KeptJpeg : public Kept {
 public:
  static Result<std::shared_ptr<const KeptJpeg>> of(SequentialJpeg jpeg) {
    const JpegHeader header = read_jpeg_header(jpeg.bytes);
    const auto scan_offset = static_cast<std::ptrdiff_t>(header.scan_offset);
    ByteVector head(jpeg.bytes.begin(), jpeg.bytes.begin() + scan_offset);
    auto stream = JpegStream::of(header, std::move(head), header.scan_offset);
    if (!stream) return fail(ErrorKind::internal, "The request failed", "JPEG: not sequential");
    jpeg.memory.outlive_budget();
    return std::make_shared<const KeptJpeg>(std::move(jpeg), std::move(stream));
  }

  KeptJpeg(SequentialJpeg jpeg, std::unique_ptr<const JpegStream> stream)
      : jpeg_(std::move(jpeg)), stream_(std::move(stream)) {}

  std::uint64_t bytes() const override { return jpeg_.memory.bytes(); }
  StoredBytes stored() const { return StoredBytes(ByteSpan(jpeg_.bytes)); }
  const JpegStream& stream() const { return *stream_; }

 private:
  const SequentialJpeg jpeg_;
  const std::unique_ptr<const JpegStream> stream_;
};

Result<std::shared_ptr<const Source>> JpegSource::open(const OpenContext& context) {
  Result<JpegFile> jpeg = read_jpeg_file(context.file, context.limits, context.deadline);
  if (!jpeg) return pass_on(jpeg);
  if (Status status = check(jpeg->header, context.limits); !status) return pass_on(status);
  ImageInfo info = describe(context.file, *jpeg, context.log);
  const int orientation = jpeg->orientation;
  auto source = std::make_shared<const JpegSource>(std::move(info), std::move(*jpeg));
  return OrientedSource::wrap(std::move(source), orientation);
}

JpegSource::JpegSource(ImageInfo info, JpegFile jpeg)
    : Source(std::move(info)),
      jpeg_(std::move(jpeg)),
      stream_(JpegStream::of(jpeg_.header, jpeg_.head, jpeg_.scan_offset)) {}

std::uint64_t JpegSource::kept_bytes() const {
  return info_.bytes() + jpeg_.head.capacity() + (stream_ ? stream_->kept_bytes() : 0);
}

Result<Raster> JpegSource::read(const ReadContext& context, std::size_t level,
                                const Rect& rect) const {
  const bool inside = level < info_.levels.size() && !rect.empty() &&
                      intersect(rect, Rect::of(info_.levels[level].size)) == rect;
  if (!inside) return fail(ErrorKind::internal, "The request failed", "JPEG: read outside a level");
  if (level >= kLastTransformed && may_keep_overview(context)) {
    return read_overview(context, level, rect);
  }
  const Result<Stream> stream = find_stream(context);
  if (!stream) return tl::unexpected(stream.error());
  return level <= kLastTransformed ? read_transformed(context, *stream, level, rect)
                                   : read_averaged(context, *stream, level, rect);
}

Result<JpegSource::Stream> JpegSource::find_stream(const ReadContext& context) const {
  if (stream_) return Stream{stream_.get(), StoredBytes(context.file), nullptr};
  const auto make = [&] { return make_sequential(context); };
  auto kept = context.kept == nullptr
                  ? make()
                  : context.kept->find_or_make<KeptJpeg>({sequential_}, context.deadline, make);
  if (!kept) return pass_on(kept);
  return Stream{&(*kept)->stream(), (*kept)->stored(), *kept};
}

Result<std::shared_ptr<const JpegSource::KeptJpeg>> JpegSource::make_sequential(
    const ReadContext& context) const {
  FileFeed scans({}, StoredBytes(context.file), jpeg_.scan_offset, context.deadline);
  const JpegHeader& header = jpeg_.header;
  if (Status few = check_jpeg_scans(scans, jpeg_blocks(header.size, header.component_count));
      !few) {
    return pass_on(few);
  }
  FileFeed feed(jpeg_.head, StoredBytes(context.file), jpeg_.scan_offset, context.deadline);
  auto sequential = iip::make_sequential(feed, jpeg_.header, context.budget, context.deadline);
  if (!sequential) return pass_on(sequential);
  return KeptJpeg::of(std::move(*sequential));
}

bool JpegSource::may_keep_overview(const ReadContext& context) const {
  const Size& size = info_.levels[kLastTransformed].size;
  return context.kept != nullptr && KeptPicture::bytes_for(size, info_.format) <=
                                        std::min(kMostOverviewBytes, context.budget.limit() / 2);
}

Result<Raster> JpegSource::read_overview(const ReadContext& context, std::size_t level,
                                         const Rect& rect) const {
  const auto make = [&]() -> Result<std::shared_ptr<const KeptPicture>> {
    const Result<Stream> stream = find_stream(context);
    if (!stream) return tl::unexpected(stream.error());
    Result<Raster> eighth = stream->stream->read_whole(stream->bytes, 1 << kLastTransformed,
                                                       jpeg_.header.has_adobe, context);
    if (!eighth) return pass_on(eighth);
    return KeptPicture::of(std::move(*eighth), info_.levels.size() - kLastTransformed,
                           context.budget);
  };
  const auto overview =
      context.kept->find_or_make<KeptPicture>({overview_}, context.deadline, make);
  if (!overview) return tl::unexpected(overview.error());
  return (*overview)->copy(level - kLastTransformed, rect, context.budget);
}

Result<Raster> JpegSource::read_transformed(const ReadContext& context, const Stream& stream,
                                            std::size_t level, const Rect& rect) const {
  return stream.stream->read(stream.bytes, 1 << level, rect, jpeg_.header.has_adobe, context);
}

// From the last transformed level, a band at a time.
Result<Raster> JpegSource::read_averaged(const ReadContext& context, const Stream& stream,
                                         std::size_t level, const Rect& rect) const {
  const std::int64_t factor = std::int64_t{1} << (level - kLastTransformed);
  const Rect covered =
      intersect({rect.x * factor, rect.y * factor, rect.width * factor, rect.height * factor},
                Rect::of(info_.levels[kLastTransformed].size));
  auto shrinker = BoxShrinker::create(covered.size(), info_.format, factor, factor, context.budget);
  if (!shrinker) return pass_on(shrinker);
  for (std::int64_t top = covered.y; top < covered.bottom(); top += kBandLines) {
    const std::int64_t lines = std::min(kBandLines, covered.bottom() - top);
    Result<Raster> band =
        read_transformed(context, stream, kLastTransformed, {covered.x, top, covered.width, lines});
    if (!band) return band;
    for (std::int64_t y = 0; y < lines; ++y) shrinker->feed(band->row(y));
  }
  return shrinker->take();
}

}  // namespace iip
