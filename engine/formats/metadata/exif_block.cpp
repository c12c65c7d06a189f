#include "engine/formats/metadata/exif_block.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "engine/formats/tiff/structure/directory_writer.h"

namespace iip {

namespace {

struct CopiedEntry {
  TiffEntry entry;
  ByteVector value;  // each number little-endian
};

// The first of each tag that has a value in the block, by tag.
std::vector<CopiedEntry> copy_entries(const TiffDirectory& directory) {
  std::vector<CopiedEntry> entries;
  std::size_t total = 0;
  for (const TiffEntry& entry : directory.entries()) {
    // An offset, which would lead nowhere.
    if (entry.tag == TiffTag::interoperability_ifd || !is_tiff6_type(entry.type)) continue;
    ByteVector value = directory.value(entry, kMaxExif);
    total += value.size();  // values may overlap in the block
    if (value.empty() || total > kMaxExif) continue;
    if (directory.encoding().big_endian) {
      const auto width = static_cast<std::ptrdiff_t>(number_bytes_of(entry.type));
      for (auto at = value.begin(); at != value.end(); at += width) std::reverse(at, at + width);
    }
    entries.push_back({entry, std::move(value)});
  }
  const auto by_tag = [](const auto& a, const auto& b) { return a.entry.tag < b.entry.tag; };
  std::stable_sort(entries.begin(), entries.end(), by_tag);
  const auto same_tag = [](const auto& a, const auto& b) { return a.entry.tag == b.entry.tag; };
  entries.erase(std::unique(entries.begin(), entries.end(), same_tag), entries.end());
  return entries;
}

}  // namespace

std::optional<TiffHeader> exif_header(ByteSpan block) {
  const Result<TiffHeader> header = read_tiff_header(block);
  if (!header || header->encoding.big_tiff) return std::nullopt;
  return *header;
}

std::optional<TiffDirectory> exif_directory_at(ByteSpan block, TiffEncoding encoding,
                                               std::uint64_t offset) {
  Result<TiffDirectory> directory =
      TiffDirectory::read(block, encoding, offset, TiffDamage::tolerated);
  if (!directory) return std::nullopt;
  return std::move(*directory);
}

void set_upright(const TiffDirectory& directory, std::span<std::uint8_t> block) {
  const bool big_endian = directory.encoding().big_endian;
  for (const TiffEntry& entry : directory.entries()) {
    if (entry.tag != TiffTag::orientation || entry.type != TiffType::uint16) continue;
    block[entry.field] = big_endian ? 0 : 1;
    block[entry.field + 1] = big_endian ? 1 : 0;
  }
}

ByteVector upright_exif(ByteSpan bytes) {
  const std::optional<TiffHeader> header = exif_header(bytes);
  if (!header || bytes.size() > kMaxExif) return {};
  ByteVector upright(bytes.begin(), bytes.end());
  const auto first = exif_directory_at(bytes, header->encoding, header->first);
  if (first) set_upright(*first, upright);
  return upright;
}

std::string upright_xmp(std::string_view packet) {
  if (packet.size() > kMaxXmp) return {};
  std::string upright(packet);
  constexpr std::string_view kName = "tiff:Orientation";
  for (std::size_t at = upright.find(kName); at != std::string::npos;
       at = upright.find(kName, at + 1)) {
    // As an attribute, ="6", or an element, >6<; in a closing tag nothing of the kind follows.
    const std::size_t value = upright.find_first_not_of(" \t\r\n='\">", at + kName.size());
    if (value == std::string::npos || value == at + kName.size()) continue;
    if (upright[value] >= '2' && upright[value] <= '8') upright[value] = '1';
  }
  return upright;
}

ByteVector exif_directory(ByteSpan bytes, ExifDirectory directory, std::uint32_t at) {
  const std::optional<TiffHeader> header = exif_header(bytes);
  if (!header) return {};
  const auto first = exif_directory_at(bytes, header->encoding, header->first);
  if (!first) return {};
  std::uint64_t offset = 0;
  for (const TiffEntry& entry : first->entries()) {
    if (entry.tag == static_cast<TiffTag>(directory)) offset = first->field_number(entry, 4);
  }
  if (offset == 0) return {};
  const auto found = exif_directory_at(bytes, header->encoding, offset);
  if (!found) return {};
  std::vector<CopiedEntry> entries = copy_entries(*found);
  if (entries.empty()) return {};
  TiffDirectoryWriter writer(TiffEncoding{});
  for (auto& [entry, value] : entries) {
    writer.add(entry.tag, entry.type, entry.count, std::move(value));
  }
  return writer.write(at);
}

}  // namespace iip
