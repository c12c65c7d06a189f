#include "engine/formats/tiff/exif.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/formats/tiff/structure/directory_writer.h"

namespace iip {

namespace {

// What only makes sense at its place in the file.
constexpr std::array<TiffTag, 4> kLeftOut{TiffTag::sub_ifd, TiffTag::exif_ifd, TiffTag::maker_note,
                                          TiffTag::interoperability_ifd};

bool is_kept(const TiffEntry& entry) {
  return entry.has_values() && is_tiff6_type(entry.type) &&
         std::find(kLeftOut.begin(), kLeftOut.end(), entry.tag) == kLeftOut.end();
}

// Nothing, if it would have more than `most_bytes`.
std::optional<TiffDirectoryWriter> copy_directory(const TiffDirectory& directory,
                                                  TiffEncoding encoding, std::uint64_t most_bytes) {
  TiffDirectoryWriter copy(encoding);
  for (const TiffEntry& entry : directory.entries()) {
    if (!is_kept(entry)) continue;
    ByteVector value = directory.value(entry, most_bytes);
    const std::uint64_t count = value.empty() ? 0 : entry.count;
    copy.add(entry.tag, entry.type, count, std::move(value));
    if (copy.size() > most_bytes) return std::nullopt;
  }
  return copy;
}

}  // namespace

Bytes read_tiff_exif(const TiffDirectory& directory, std::uint64_t most_bytes) {
  const TiffEncoding encoding{directory.encoding().big_endian, false};
  TiffDirectoryWriter block(encoding);
  bool is_there = false;
  for (const TiffTag tag : {TiffTag::exif_ifd, TiffTag::gps_ifd}) {
    const std::optional<TiffDirectory> found = directory.directory(tag);
    if (!found) continue;
    std::optional<TiffDirectoryWriter> copy = copy_directory(*found, encoding, most_bytes);
    if (!copy) return {};
    block.add_directories(tag, {std::move(*copy)});
    is_there = true;
  }
  if (!is_there || tiff_header_bytes(encoding) + block.size() > most_bytes) return {};
  return Bytes(write_tiff(encoding, block));
}

}  // namespace iip
