// JPEG 2000 beside plain OpenJPEG region decoding of the same file, in one run: processor time of
// one thread, the least of three rounds that alternate, of fifteen where they are short, and the
// ratio.
//
//   jp2_bench FILE.jp2...      those of bench/jp2_pictures.py
//
// "Plain" opens the file, which is in memory, anew for each picture and lets OpenJPEG find its way,
// as servers do that have nothing but the library. Ours is a source that was opened and has its
// packet index, whose cost is told by itself; none of its code-blocks is there when a case begins.
// "Blocks" is what decoding those costs, the floor of any way to do it: what the case costs less
// than that when they are there already.
//
// The thumbnail is ours from the request to the JPEG, scaled and encoded, as a client gets it; of
// OpenJPEG's it is the level alone that has to be decoded for it.
#include <fcntl.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/standard_error_log.h"
#include "engine/formats/jpeg2000/codestream/boxes.h"
#include "engine/formats/jpeg2000/codestream/geometry.h"
#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/formats/jpeg2000/openjpeg/library.h"
#include "engine/formats/open_source.h"
#include "engine/formats/source_decoders.h"
#include "engine/plan/plan.h"
#include "engine/service/picture.h"
#include "engine/source/source.h"

namespace {

using iip::Rect;
using iip::Size;

template <class T>
T must(iip::Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s: %s\n", result.error().message.c_str(), result.error().detail.c_str());
    std::exit(1);
  }
  return std::move(*result);
}

double milliseconds(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

constexpr std::int64_t kThumbnailWidth = 200;

struct Case {
  std::string name;
  std::size_t level = 0;
  std::vector<Rect> rects;
  bool is_thumbnail = false;  // of kThumbnailWidth, made of the rect
};

class Bench {
 public:
  explicit Bench(const std::string& path)
      : file_(must(iip::File::adopt(iip::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC))))) {
    iip::MetadataAllowance allowance{iip::SourceLimits{}};
    const iip::Jp2Boxes boxes = must(iip::read_jp2_boxes(file_, allowance, iip::Deadline()));
    offset_ = boxes.codestream_offset;
    length_ = boxes.codestream_length;
    header_ = must(iip::read_j2k_header(file_, offset_, length_));
    canvas_ = header_.canvas;
    most_reductions_ = header_.levels();
    const std::size_t head = iip::openjpeg_head_size(header_.components.size());
    question_.resize(head + length_);
    const iip::Status status = file_.read_at(offset_, std::span(question_).subspan(head));
    if (!status) must(iip::Result<int>(tl::unexpected(status.error())));
  }

  // The grid of the image begins at its corner; the bench takes files whose canvas does so too.
  std::vector<Case> cases() {
    const auto source = open();
    const std::vector<iip::Level>& levels = source->info().levels;
    const Size& size = levels.front().size;
    const std::int64_t x = size.width / 2 / 256 * 256;
    const std::int64_t y = size.height / 2 / 256 * 256;
    std::vector<Rect> screen;
    for (int i = 0; i < 24; ++i) screen.push_back({x + i % 6 * 256, y + i / 6 * 256, 256, 256});
    std::size_t thumbnail = levels.size() - 1;
    while (thumbnail > 0 && levels[thumbnail].size.width < kThumbnailWidth) --thumbnail;
    return {{"24 tiles", 0, screen},
            {"one tile", 0, {{x, y, 256, 256}}},
            {"thumbnail of 200", thumbnail, {Rect::of(levels[thumbnail].size)}, true},
            {"2000x1500 to 600", 1, {{x / 2, y / 2, 1000, 750}}}};
  }

  struct Ours {
    double all = 0;
    double blocks = 0;
  };

  Ours ours(const Case& of) {
    const auto source = open();
    make_index(*source);
    const iip::OpenImage image(source);
    const auto work = [&] {
      if (of.is_thumbnail) return make_thumbnail(image);
      for (const Rect& rect : of.rects) read(*source, of.level, rect);
    };
    const double cold = milliseconds(work);
    return {cold, cold - milliseconds(work)};
  }

  double index() {
    return milliseconds([&] {
      const auto source = open();
      make_index(*source);
    });
  }

  double plain(const Case& of) {
    return milliseconds([&] {
      for (const Rect& rect : of.rects) {
        const int level = static_cast<int>(of.level);
        const Rect area{canvas_.x + (rect.x << level), canvas_.y + (rect.y << level),
                        rect.width << level, rect.height << level};
        // Levels beyond the codestream's are averaged from its smallest resolution.
        decode_plainly(iip::intersect(area, canvas_), std::min(level, most_reductions_));
      }
    });
  }

 private:
  // OpenJPEG alone, with the file in memory.
  void decode_plainly(const Rect& area, int reduce) {
    std::vector<iip::OpenJpegPlane> planes;
    std::uint64_t samples = 0;
    for (const iip::J2kComponent& component : header_.components) {
      const Rect rect = iip::shift_up(iip::divide_up(area, component.dx, component.dy), reduce);
      planes.push_back({rect.width, rect.height, component.bits, component.is_signed ? 1 : 0});
      samples += planes.back().samples();
    }
    iip::write_openjpeg_head({reduce, 0, area}, planes, question_);
    iip::ByteVector answer(samples * sizeof(std::int32_t));
    const iip::Status status = iip::decode_with_openjpeg(question_, answer);
    if (!status) must(iip::Result<int>(tl::unexpected(status.error())));
  }

  std::shared_ptr<const iip::Source> open() {
    iip::MemoryBudget budget(pool_, pool_.limit());
    return must(iip::open_source({file_, budget, log_}));
  }
  // A pixel of each tile, in which anything may be wrong: so that the index is all that is made.
  void make_index(const iip::Source& source) {
    const std::size_t last = source.info().levels.size() - 1;
    const Size& size = source.info().levels[last].size;
    for (std::int64_t i = 0; i < header_.tiles(); ++i) {
      const Rect tile = header_.tile_rect(i);
      const std::int64_t x = (tile.x + tile.width / 2) >> last;
      const std::int64_t y = (tile.y + tile.height / 2) >> last;
      constexpr iip::ReadTolerance kAny{1e9, 1};
      read(source, last, {std::min(x, size.width - 1), std::min(y, size.height - 1), 1, 1}, kAny);
    }
  }
  void read(const iip::Source& source, std::size_t level, const Rect& rect,
            const iip::ReadTolerance& tolerance = {}) {
    iip::MemoryBudget budget(pool_, pool_.limit());
    must(source.read(context(budget, tolerance), level, rect));
  }

  iip::ReadContext context(iip::MemoryBudget& budget, const iip::ReadTolerance& tolerance = {}) {
    return {file_, budget, log_, {}, &kept_, 0, tolerance, &decoders_};
  }

  void make_thumbnail(const iip::OpenImage& image) {
    iip::ImageRequest request;
    request.size.form = iip::SizeRequest::Form::width;
    request.size.width = kThumbnailWidth;
    const iip::Plan plan = must(iip::make_plan(request, image.info(), iip::Settings{}));
    iip::MemoryBudget budget(pool_, pool_.limit());
    must(iip::make_picture(plan, image, context(budget)));
  }

  iip::MemoryPool pool_{std::uint64_t{1} << 31U};
  iip::DerivedDataCache kept_{pool_, std::uint64_t{256} << 20U};
  iip::UnconfinedDecoders decoders_{iip::source_decoders()};  // whose time is this process's
  iip::StandardErrorLog log_{iip::LogLevel::warning};
  iip::File file_;
  std::uint64_t offset_ = 0;
  std::uint64_t length_ = 0;
  iip::J2kHeader header_;
  iip::ByteVector question_;  // to OpenJPEG: room for its head, then the codestream
  Rect canvas_;
  int most_reductions_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    Bench bench(arguments[i]);
    std::printf("%s: index %.1f ms\n", arguments[i], bench.index());
    for (const Case& of : bench.cases()) {
      constexpr int kRounds = 3;
      constexpr int kRoundsOfShort = 15;
      constexpr double kShort = 100;  // milliseconds
      Bench::Ours ours = bench.ours(of);
      double plain = bench.plain(of);
      const int rounds = plain < kShort ? kRoundsOfShort : kRounds;
      for (int round = 1; round < rounds; ++round) {
        ours = std::min(ours, bench.ours(of), [](auto& a, auto& b) { return a.all < b.all; });
        plain = std::min(plain, bench.plain(of));
      }
      std::printf("  %-18s plain %9.1f ms   ours %8.1f ms   blocks %8.1f ms   %5.2f times less\n",
                  of.name.c_str(), plain, ours.all, ours.blocks, plain / ours.all);
    }
  }
}
