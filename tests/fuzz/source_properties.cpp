#include "source_properties.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "engine/source/source.h"

namespace iip {

namespace {

constexpr std::uint64_t kMemory = std::uint64_t{16} << 20;  // keeps single runs short

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

template <class T>
void check_error(const Result<T>& result) {
  check(result || result.error().kind != ErrorKind::internal, "an internal fault");
}

void read_some(const Source& source, const ReadContext& context) {
  const ImageInfo& info = source.info();
  for (std::size_t i = 0; i < info.levels.size(); ++i) {
    const Level& level = info.levels[i];
    const Rect last{level.size.width - std::min<std::int64_t>(level.size.width, 24),
                    level.size.height - std::min<std::int64_t>(level.size.height, 24),
                    std::min<std::int64_t>(level.size.width, 24),
                    std::min<std::int64_t>(level.size.height, 24)};
    const Rect first{0, 0, last.width, last.height};
    for (const Rect& rect : {first, last}) {
      const auto raster = source.read(context, i, rect);
      check_error(raster);
      check(!raster || raster->size() == rect.size(), "a raster of another size");
    }
    const auto stored = source.stored_jpeg_tile(context, i, 0);
    check_error(stored);
    check(!stored || !*stored || (*stored)->offset + (*stored)->length <= context.file.size(),
          "a stored tile beyond the file");
  }
}

}  // namespace

void check_source(const std::uint8_t* data, std::size_t size) {
  UniqueFd memory(::memfd_create("fuzz", MFD_CLOEXEC));
  check(::write(memory.get(), data, size) == static_cast<ssize_t>(size), "memfd");
  const Result<File> file = File::adopt(std::move(memory));
  check(file.has_value(), "memfd");

  NoLog log;
  MemoryPool pool(kMemory);
  KeptStore kept(pool, kMemory);
  MemoryBudget budget(pool, kMemory);
  const auto source = open_source({*file, budget, log});
  check_error(source);
  if (source) {
    const ReadContext context{*file, budget, log, {}, &kept};
    read_some(**source, context);
    SourceLimits last_page;
    last_page.page = std::max<std::size_t>((*source)->info().pages.size(), 1) - 1;
    const auto page = open_source({*file, budget, log, {}, last_page});
    check_error(page);
    if (page) read_some(**page, context);
  }
  check(budget.used() == 0 && pool.used() == kept.bytes(), "memory is still counted");
}

}  // namespace iip
