// Any bytes as a TIFF file: opened, then a small part of each level read and a stored tile asked
// for. Nothing may crash, no answer may be an internal fault, and all memory counted must be given
// back. Good seeds are the tiny_* files of scripts/make_test_images.py.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "engine/source/source.h"

namespace {

constexpr std::uint64_t kMemory = std::uint64_t{16} << 20;  // keeps single runs short

class Silence : public iip::LogSink {
 public:
  bool enabled(iip::LogLevel) const override { return true; }
  void write(iip::LogLevel, std::string_view) override {}
};

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

template <class T>
void check_error(const iip::Result<T>& result) {
  check(result || result.error().kind != iip::ErrorKind::internal, "an internal fault");
}

void read_some(const iip::Source& source, const iip::ReadContext& context) {
  const iip::ImageInfo& info = source.info();
  for (std::size_t i = 0; i < info.levels.size(); ++i) {
    const iip::Level& level = info.levels[i];
    const iip::Rect last{level.size.width - std::min<std::int64_t>(level.size.width, 24),
                         level.size.height - std::min<std::int64_t>(level.size.height, 24),
                         std::min<std::int64_t>(level.size.width, 24),
                         std::min<std::int64_t>(level.size.height, 24)};
    const iip::Rect first{0, 0, last.width, last.height};
    for (const iip::Rect& rect : {first, last}) {
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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  iip::UniqueFd memory(::memfd_create("fuzz", MFD_CLOEXEC));
  check(::write(memory.get(), data, size) == static_cast<ssize_t>(size), "memfd");
  const iip::Result<iip::File> file = iip::File::adopt(std::move(memory));
  check(file.has_value(), "memfd");

  Silence log;
  iip::MemoryPool pool(kMemory);
  iip::MemoryBudget budget(pool, kMemory);
  const auto source = iip::open_source(*file, iip::SourceLimits{}, log);
  check_error(source);
  if (source) read_some(**source, iip::ReadContext{*file, budget, log});
  check(budget.used() == 0 && pool.used() == 0, "memory is still counted");
  return 0;
}
