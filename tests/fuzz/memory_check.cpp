// Replays pictures through the code of this project alone, in a program that MemorySanitizer
// watches: opening files, what it finds in them, and what is decoded without a library.
//
//   memory_check FILE...
//
// Libraries are not compiled with the sanitizer, which takes what they write for unwritten: no
// pixels of theirs are looked at, and PNG, which libpng reads, is left out.
#include <fcntl.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "engine/formats/jpeg/file.h"
#include "engine/formats/jpeg/region.h"
#include "engine/formats/jpeg/source.h"
#include "engine/formats/png/source.h"
#include "engine/source/file_feed.h"
#include "heap_pattern.h"
#include "jp2_properties.h"
#include "source_properties.h"

namespace iip {
namespace {

// The codes of the last MCUs, found by the index and written anew.
void read_codes(const File& file, Seen& seen) {
  const Deadline never;
  const Result<JpegFile> jpeg = read_jpeg_file(file, {}, never);
  if (!jpeg) return;
  const auto scan = JpegScan::of(jpeg->header, jpeg->head, jpeg->scan_offset);
  if (!scan) return;
  const JpegIndex index(*scan);
  const Rect mcus{scan->mcus_across() / 2, scan->mcus_down() / 2, 1,
                  scan->mcus_down() - scan->mcus_down() / 2};
  JpegRegionFeed feed(*scan, index, jpeg->head, StoredBytes(file), mcus,
                      {scan->mcu().width, mcus.height * scan->mcu().height}, never);
  for (auto piece = feed.next(); piece && !piece->empty(); piece = feed.next()) {
    seen.add(piece->data(), piece->size());
  }
}

void look_at(const File& file) {
  std::vector<std::uint8_t> data(static_cast<std::size_t>(file.size()));
  if (!file.read_at(0, data) || is_png(data)) return;
  Seen seen;
  see_opening(file, seen);
  if (is_jpeg(data)) read_codes(file, seen);
  check_jp2_header(data.data(), data.size());
  check_jp2_index(data.data(), data.size());
  check_jp2_excerpts(data.data(), data.size());
  if (seen.number() == 0) std::puts("nothing was seen");  // asks what the number depends on
}

}  // namespace
}  // namespace iip

int main(int argc, char** argv) {
  int count = 0;
  for (int i = 1; i < argc; ++i) {
    const auto file = iip::File::adopt(iip::UniqueFd(::open(argv[i], O_RDONLY | O_CLOEXEC)));
    if (!file) continue;
    iip::look_at(*file);
    ++count;
  }
  std::printf("%d files\n", count);
  return count == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
