#include "engine/formats/tiff/exif.h"

#include <algorithm>
#include <array>
#include <optional>

namespace iip {

namespace {

constexpr std::uint16_t kLongType = 4;
constexpr std::uint16_t kLastClassicType = 12;
constexpr std::size_t kEntryBytes = 12;
constexpr std::array<std::uint16_t, 4> kLeftOut{330,     // SubIFDs
                                                34665,   // Exif, inside itself
                                                37500,   // MakerNote
                                                40965};  // Interoperability

class BlockWriter {
 public:
  explicit BlockWriter(bool big_endian) : big_endian_(big_endian) {
    const std::uint8_t mark = big_endian ? 'M' : 'I';
    block_ = {mark, mark};
    append(42, 2);
    append(8, 4);
  }

  std::size_t size() const { return block_.size(); }
  void append(std::size_t value, int width) {
    for (int i = 0; i < width; ++i) {
      const int place = big_endian_ ? width - 1 - i : i;
      block_.push_back(static_cast<std::uint8_t>(value >> (8 * place) & 255U));
    }
  }

  // False: it would make the block larger than `most_bytes`.
  bool add(const TiffDirectory& directory, std::uint64_t most_bytes) {
    std::vector<TiffEntry> entries;
    std::copy_if(directory.entries().begin(), directory.entries().end(),
                 std::back_inserter(entries), is_kept);
    std::stable_sort(entries.begin(), entries.end(),
                     [](const TiffEntry& a, const TiffEntry& b) { return a.tag < b.tag; });
    ByteVector values;
    const std::size_t values_at = size() + 2 + entries.size() * kEntryBytes + 4;
    append(entries.size(), 2);
    for (const TiffEntry& entry : entries) {
      ByteVector value = directory.value(entry, most_bytes);
      append(entry.tag, 2);
      append(entry.type, 2);
      append(value.empty() ? 0 : entry.count, 4);
      if (value.size() <= 4) {
        value.resize(4);
        block_.insert(block_.end(), value.begin(), value.end());
      } else {
        append(values_at + values.size(), 4);
        values.insert(values.end(), value.begin(), value.end());
        values.resize(values.size() + values.size() % 2);
      }
      if (values_at + values.size() > most_bytes) return false;
    }
    append(0, 4);
    block_.insert(block_.end(), values.begin(), values.end());
    return true;
  }

  ByteVector finish() { return std::move(block_); }

 private:
  static bool is_kept(const TiffEntry& entry) {
    return entry.type <= kLastClassicType &&
           std::find(kLeftOut.begin(), kLeftOut.end(), entry.tag) == kLeftOut.end();
  }

  const bool big_endian_;
  ByteVector block_;
};

}  // namespace

Bytes read_tiff_exif(const TiffDirectory& directory, std::uint64_t most_bytes) {
  struct Part {
    TiffTag tag;
    std::optional<TiffDirectory> directory;
    std::size_t at = 0;  // in the block
  };
  std::vector<Part> parts;
  for (const TiffTag tag : {TiffTag::exif_ifd, TiffTag::gps_ifd}) {
    std::optional<TiffDirectory> found = directory.directory(tag);
    if (found) parts.push_back({tag, std::move(found)});
  }
  if (parts.empty()) return {};

  // The places of the directories are known once they are written: so twice.
  ByteVector block;
  for (int pass = 0; pass < 2; ++pass) {
    BlockWriter writer(directory.encoding().big_endian);
    writer.append(parts.size(), 2);
    for (const Part& part : parts) {
      writer.append(static_cast<std::uint16_t>(part.tag), 2);
      writer.append(kLongType, 2);
      writer.append(1, 4);
      writer.append(part.at, 4);
    }
    writer.append(0, 4);
    for (Part& part : parts) {
      part.at = writer.size();
      if (!writer.add(*part.directory, most_bytes)) return {};
    }
    block = writer.finish();
  }
  return Bytes(std::move(block));
}

}  // namespace iip
