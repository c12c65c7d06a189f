#include "source_properties.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/formats/open_source.h"
#include "engine/formats/source_decoders.h"
#include "engine/source/source.h"
#include "heap_pattern.h"

namespace iip {

namespace {

constexpr std::uint64_t kMemory = std::uint64_t{16} << 20;  // keeps single runs short

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

template <class T>
void check_error(const Result<T>& result, Seen& seen) {
  check(result || result.error().kind != ErrorKind::internal, "an internal fault");
  seen.add(result ? 0 : 1 + static_cast<int>(result.error().kind));
}

void see_info(const ImageInfo& info, Seen& seen) {
  const Metadata& of = info.metadata;
  for (const std::string& text : {of.title, of.creator, of.rights, of.description, of.date,
                                  of.software, of.make, of.model, of.page_name, of.xmp}) {
    seen.add(text);
  }
  for (const Bytes& bytes : {of.exif, of.iptc, info.icc_profile}) {
    seen.add(bytes.data(), bytes.size());
  }
  for (const SampleRange& range : info.ranges) {
    seen.add(range.min);
    seen.add(range.max);
  }
  for (const Page& page : info.pages) seen.add(page.name);
}

void see_pixels(const Raster& raster, Seen& seen) {
  for (std::int64_t y = 0; y < raster.size().height; ++y) {
    seen.add(raster.row(y), raster.row_bytes());
  }
}

void read_some(const Source& source, const ReadContext& context, Seen& seen) {
  const ImageInfo& info = source.info();
  see_info(info, seen);
  for (std::size_t i = 0; i < info.levels.size(); ++i) {
    const Level& level = info.levels[i];
    const Rect last{level.size.width - std::min<std::int64_t>(level.size.width, 24),
                    level.size.height - std::min<std::int64_t>(level.size.height, 24),
                    std::min<std::int64_t>(level.size.width, 24),
                    std::min<std::int64_t>(level.size.height, 24)};
    const Rect first{0, 0, last.width, last.height};
    for (const Rect& rect : {first, last}) {
      const auto raster = source.read(context, i, rect);
      check_error(raster, seen);
      check(!raster || raster->size() == rect.size(), "a raster of another size");
      if (raster) see_pixels(*raster, seen);
    }
    const auto stored = source.stored_jpeg_tile(context, i, 0);
    check_error(stored, seen);
    check(!stored || !*stored || (*stored)->offset + (*stored)->length <= context.file.size(),
          "a stored tile beyond the file");
  }
}

std::uint64_t look_at(const std::uint8_t* data, std::size_t size) {
  UniqueFd memory(::memfd_create("fuzz", MFD_CLOEXEC));
  check(::write(memory.get(), data, size) == static_cast<ssize_t>(size), "memfd");
  const Result<File> file = File::adopt(std::move(memory));
  check(file.has_value(), "memfd");

  NoLog log;
  MemoryPool pool(kMemory);
  DerivedDataCache kept(pool, kMemory);
  MemoryBudget budget(pool, kMemory);
  Seen seen;
  // What an open source keeps is counted as long as it is there.
  if (const auto source = open_source({*file, budget, log}); !source) {
    check_error(source, seen);
  } else {
    // Here a decoder is to end the process, if it can.
    UnconfinedDecoders decoders(source_decoders());
    const ReadContext context{*file, budget, log, {}, &kept, 0, {}, &decoders};
    read_some(**source, context, seen);
    SourceLimits last_page;
    last_page.page = std::max<std::size_t>((*source)->info().pages.size(), 1) - 1;
    const auto page = open_source({*file, budget, log, {}, last_page});
    check_error(page, seen);
    if (page) read_some(**page, context, seen);
  }
  check(budget.used() == 0 && pool.used() == kept.bytes(), "memory is still counted");
  return seen.number();
}

}  // namespace

void see_opening(const File& file, Seen& seen) {
  NoLog log;
  MemoryPool pool(kMemory);
  MemoryBudget budget(pool, kMemory);
  const auto source = open_source({file, budget, log});
  check_error(source, seen);
  if (source) see_info((*source)->info(), seen);
}

void check_source(const std::uint8_t* data, std::size_t size) {
  check(is_same_for_any_heap([&] { return look_at(data, size); }),
        "pixels or texts of what memory held before");
}

}  // namespace iip
