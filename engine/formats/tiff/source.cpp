#include "engine/formats/tiff/source.h"

#include <algorithm>
#include <atomic>
#include <string>

#include "engine/formats/metadata/embedded_profile.h"
#include "engine/formats/tiff/metadata.h"
#include "engine/formats/tiff/pyramid.h"
#include "engine/formats/tiff/ranges.h"
#include "engine/formats/tiff/structure/directory.h"
#include "engine/source/oriented_source.h"

namespace iip {

namespace {

// Below this, an image without smaller levels costs little to shrink.
constexpr std::int64_t kSmallSide = 1024;

std::string text_of(const Size& size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

Status check_limits(const Size& size, const SourceLimits& limits) {
  if (static_cast<std::uint64_t>(size.area()) <= limits.max_pixels) return {};
  return fail(ErrorKind::too_large, "The image is larger than this server allows",
              "TIFF: " + text_of(size) + " pixels; the limit is " +
                  std::to_string(limits.max_pixels) + " (IIPMaxSourcePixels)");
}

// Once per version of a file, however many of its pages are opened: why it will be slow, and what
// would help.
void warn_if_slow(const ImageInfo& info, std::atomic<bool>& was_warned_of, LogSink& log) {
  const Size& size = info.size();
  if (std::max(size.width, size.height) <= kSmallSide) return;
  std::string reason;
  if (!info.tiled) {
    reason = "it is not tiled: any part of it costs strips of the full width (" +
             text_of(info.levels.front().tile) + " each)";
  }
  if (info.levels.size() == 1) {
    if (!reason.empty()) reason += "; ";
    reason += "it has no smaller resolutions: every reduced view reads the full size";
  }
  if (reason.empty() || was_warned_of.exchange(true)) return;
  log.write(LogLevel::warning, "TIFF of " + text_of(size) + " will be slow: " + reason +
                                   ". A tiled pyramid would be fast");
}

// What the tag WhitePoint says. ICCLab is always relative to D50, and so is the rest where it says
// nothing.
std::optional<Chromaticity> read_lab_white(const TiffDirectory& directory, const TiffImage& image) {
  if (image.photometric != TiffPhotometric::cielab &&
      image.photometric != TiffPhotometric::itu_lab) {
    return std::nullopt;
  }
  const std::vector<double> white = directory.numbers(TiffTag::white_point, 2);
  const bool usable =
      white.size() == 2 && white[0] > 0 && white[1] > 0.01 && white[0] + white[1] < 1;
  if (!usable) return std::nullopt;
  return Chromaticity{white[0], white[1]};
}

ImageInfo describe(const File& file, const TiffDirectory& directory, const TiffPyramidLevel& full,
                   const SourceLimits& limits, LogSink& log) {
  ImageInfo info;
  info.version = file.version();
  info.format = full.colour.format();
  info.stored_channels = full.image.samples;
  info.stored_bits = full.image.sample.bits;
  info.value_offset = full.colour.keeps_numbers() ? full.image.sample.offset() : 0;
  info.tiled = full.image.tiled;
  info.ranges = read_tiff_ranges(directory, full.image, full.colour);
  info.lab_white = read_lab_white(directory, full.image);
  info.density = read_tiff_density(directory);
  MetadataAllowance allowance(limits);
  info.icc_profile = embedded_profile(read_tiff_profile(directory, allowance), log);
  info.metadata = read_tiff_metadata(directory, allowance);
  info.type_name = "TIFF";
  return info;
}

}  // namespace

Result<std::shared_ptr<const Source>> TiffSource::open(const OpenContext& context) {
  const Result<std::vector<TiffDirectory>> chain = read_tiff_chain(context.file, context.log);
  if (!chain) return tl::unexpected(chain.error());
  if (Status in_time = context.deadline.check(); !in_time) return pass_on(in_time);
  Result<std::vector<TiffPyramidLevel>> pyramid = read_tiff_pyramid(*chain, 0, context.log);
  if (!pyramid) return pass_on(pyramid);
  if (Status in_time = context.deadline.check(); !in_time) return pass_on(in_time);

  const auto stack = std::make_shared<Stack>();
  stack->encoding = chain->front().encoding();
  std::vector<Page> pages;
  const std::vector<std::size_t> found = find_tiff_pages(*chain, *pyramid);
  for (const std::size_t i : found) {
    pages.push_back(read_tiff_page((*chain)[i]));
    stack->directories.push_back((*chain)[i].offset());
  }
  stack->pages = std::move(pages);
  if (context.limits.page == 0) {
    return finish(context, chain->front(), std::move(*pyramid), stack);
  }
  if (context.limits.page >= found.size()) {
    return fail(ErrorKind::not_found, "The image has no such page",
                "TIFF: page " + std::to_string(context.limits.page) + " of " +
                    std::to_string(std::max<std::size_t>(found.size(), 1)));
  }
  const std::size_t page = found[context.limits.page];
  pyramid = read_tiff_pyramid(*chain, page, context.log);
  if (!pyramid) return pass_on(pyramid);
  return finish(context, (*chain)[page], std::move(*pyramid), stack);
}

// The chain is not gone through again. The first page may have its levels in it.
Result<std::shared_ptr<const Source>> TiffSource::open_page(const OpenContext& context) const {
  const std::size_t page = context.limits.page;
  if (page == 0 || page >= stack_->directories.size()) return open(context);
  Result<TiffDirectory> directory =
      TiffDirectory::read(context.file, stack_->encoding, stack_->directories[page]);
  if (!directory) return pass_on(directory);
  const std::vector<TiffDirectory> alone{std::move(*directory)};
  Result<std::vector<TiffPyramidLevel>> pyramid = read_tiff_pyramid(alone, 0, context.log);
  if (!pyramid) return pass_on(pyramid);
  return finish(context, alone.front(), std::move(*pyramid), stack_);
}

Result<std::shared_ptr<const Source>> TiffSource::finish(const OpenContext& context,
                                                         const TiffDirectory& directory,
                                                         std::vector<TiffPyramidLevel> pyramid,
                                                         std::shared_ptr<const Stack> stack) {
  Status status = check_limits(pyramid.front().image.size, context.limits);
  if (!status) return pass_on(status);
  ImageInfo info = describe(context.file, directory, pyramid.front(), context.limits, context.log);
  info.pages = stack->pages;
  info.page = context.limits.page;
  std::vector<std::unique_ptr<TiffLevel>> levels;
  for (TiffPyramidLevel& level : pyramid) {
    status = level.colour.load_palette(context.file);
    if (!status) return pass_on(status);
    levels.push_back(std::make_unique<TiffLevel>(std::move(level.image), std::move(level.colour)));
    info.levels.push_back(levels.back()->geometry());
  }
  warn_if_slow(info, stack->was_warned_of, context.log);
  const std::uint64_t orientation = directory.integer_or(TiffTag::orientation, 1);
  return OrientedSource::wrap(
      std::make_shared<const TiffSource>(std::move(info), std::move(levels), std::move(stack)),
      orientation <= 8 ? static_cast<int>(orientation) : 1);
}

std::uint64_t TiffSource::kept_bytes() const {
  std::uint64_t sum = info_.bytes() + stack_->directories.capacity() * sizeof(std::uint64_t);
  for (const auto& level : levels_) sum += level->kept_bytes();
  return sum;
}

std::uint64_t TiffSource::idle_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& level : levels_) sum += level->idle_bytes();
  return sum;
}

Result<Raster> TiffSource::read(const ReadContext& context, std::size_t level,
                                const Rect& rect) const {
  const bool inside = level < levels_.size() && !rect.empty() &&
                      intersect(rect, Rect::of(info_.levels[level].size)) == rect;
  if (!inside) return fail(ErrorKind::internal, "The request failed", "TIFF: read outside a level");
  auto raster = UnwrittenRaster::create(rect.size(), info_.format, context.budget);
  if (!raster) return pass_on(raster);
  Status status = levels_[level]->read(context, rect, raster->pixels());
  if (!status) return pass_on(status);
  return std::move(*raster).written(rect.height);
}

Result<std::optional<StoredJpegTile>> TiffSource::stored_jpeg_tile(const ReadContext& context,
                                                                   std::size_t level,
                                                                   std::int64_t index) const {
  if (level >= levels_.size()) return std::nullopt;
  return levels_[level]->stored_jpeg_tile(context, index);
}

}  // namespace iip
