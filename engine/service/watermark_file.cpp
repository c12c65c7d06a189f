#include "engine/service/watermark_file.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include "engine/formats/open_source.h"
#include "engine/source/source.h"

namespace iip {

namespace {

constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 24U;
constexpr std::uint64_t kMostMemory = std::uint64_t{1} << 30U;

Digest digest_of(const FileVersion& version) {
  Hasher hasher;
  version.add_to(hasher);
  return hasher.digest();
}

}  // namespace

Result<WatermarkFile> read_watermark(const char* path, LogSink& log) {
  UniqueFd descriptor(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!descriptor) {
    return fail(ErrorKind::not_found, "It can not be opened",
                std::generic_category().message(errno));
  }
  auto file = File::adopt(std::move(descriptor));
  if (!file) return pass_on(file);
  SourceLimits limits;
  limits.max_pixels = kMostPixels;
  MemoryPool pool(kMostMemory);
  MemoryBudget budget(pool, kMostMemory);
  auto source = open_source({*file, budget, log, {}, limits});
  if (!source) return pass_on(source);
  const ReadContext context{*file, budget, log};
  const ImageInfo& info = (*source)->info();
  const auto raster = (*source)->read(context, 0, Rect::of(info.size()));
  if (!raster) return tl::unexpected(raster.error());
  auto mark = Watermark::from(*raster, info.stored_bits);
  if (!mark) return pass_on(mark);
  return WatermarkFile{std::move(*mark), digest_of(file->version())};
}

}  // namespace iip
