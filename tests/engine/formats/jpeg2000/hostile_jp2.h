// JPEG 2000 files that lie, and what they cost.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <string>

#include "codestream_writer.h"
#include "engine/formats/open_source.h"
#include "support/images.h"
#include "support/instrumented.h"

namespace iip::test {

inline std::uint64_t peak_kilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss);
}

class HostileJp2 : public ::testing::Test {
 protected:
  // Opens the file and reads a corner of every level. nullopt: all went well.
  std::optional<ErrorKind> try_file(const Data& data) {
    write_file(folder_.file("hostile.jp2"), data);
    const File file = open_file(folder_.file("hostile.jp2"));
    MemoryPool pool(std::uint64_t{256} << 20U);
    MemoryBudget budget(pool, pool.limit());
    Lines log;
    const auto source = open_source({file, budget, log});
    if (!source) return source.error().kind;
    const ReadContext context = confined({file, budget, log});
    const ImageInfo& info = (*source)->info();
    for (std::size_t level = 0; level < info.levels.size(); ++level) {
      const Size& size = info.levels[level].size;
      const Rect corner{
          std::max<std::int64_t>(0, size.width - 40), std::max<std::int64_t>(0, size.height - 40),
          std::min<std::int64_t>(40, size.width), std::min<std::int64_t>(40, size.height)};
      const auto raster = (*source)->read(context, level, corner);
      if (!raster) return raster.error().kind;
    }
    return std::nullopt;
  }

  static void expect_blames_the_file(const std::optional<ErrorKind>& kind) {
    if (!kind) return;
    EXPECT_TRUE(*kind == ErrorKind::corrupt || *kind == ErrorKind::unsupported ||
                *kind == ErrorKind::too_large || *kind == ErrorKind::not_found)
        << static_cast<int>(*kind);
  }

  ScratchFolder folder_;
};

}  // namespace iip::test
