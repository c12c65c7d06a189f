#include "engine/formats/tiff/structure/directory_writer.h"

#include <algorithm>
#include <utility>

namespace iip {

void TiffDirectoryWriter::add(TiffTag tag, TiffType type, std::uint64_t count, ByteVector value) {
  insert({tag, type, count, std::move(value), {}});
}

void TiffDirectoryWriter::add(TiffTag tag, TiffType type,
                              const std::vector<std::uint64_t>& values) {
  ByteVector value;
  value.reserve(values.size() * bytes_of(type));
  for (const std::uint64_t number : values) append_number(value, number, bytes_of(type));
  insert({tag, type, values.size(), std::move(value), {}});
}

void TiffDirectoryWriter::add_directories(TiffTag tag,
                                          std::vector<TiffDirectoryWriter> directories) {
  const std::size_t count = directories.size();
  for (const TiffDirectoryWriter& directory : directories) directory_bytes_ += directory.size();
  // The places are filled in when they are known.
  insert({tag, encoding_.big_tiff ? TiffType::uint64 : TiffType::uint32, count,
          ByteVector(count * encoding_.offset_bytes()), std::move(directories)});
}

void TiffDirectoryWriter::insert(Entry entry) {
  value_bytes_behind_ += bytes_behind(entry.value.size());
  const auto behind =
      std::upper_bound(entries_.begin(), entries_.end(), entry.tag,
                       [](TiffTag tag, const Entry& other) { return tag < other.tag; });
  entries_.insert(behind, std::move(entry));
}

std::size_t TiffDirectoryWriter::values_at() const {
  return encoding_.entry_count_bytes() + entries_.size() * encoding_.entry_bytes() +
         encoding_.offset_bytes();
}

std::size_t TiffDirectoryWriter::bytes_behind(std::size_t value_bytes) const {
  return value_bytes <= encoding_.offset_bytes() ? 0 : value_bytes + value_bytes % 2;
}

std::size_t TiffDirectoryWriter::size() const {
  return values_at() + value_bytes_behind_ + directory_bytes_;
}

ByteVector TiffDirectoryWriter::write(std::uint64_t offset, std::uint64_t next) const {
  const std::size_t word = encoding_.offset_bytes();
  const std::uint64_t values_offset = offset + values_at();
  std::uint64_t directory_offset = values_offset + value_bytes_behind_;
  ByteVector out;
  ByteVector values;
  ByteVector directories;
  out.reserve(size());
  append_number(out, entries_.size(), encoding_.entry_count_bytes());
  for (const Entry& entry : entries_) {
    ByteVector places;
    for (const TiffDirectoryWriter& directory : entry.directories) {
      append_number(places, directory_offset, word);
      const ByteVector written = directory.write(directory_offset);
      directories.insert(directories.end(), written.begin(), written.end());
      directory_offset += written.size();
    }
    const ByteVector& value = entry.directories.empty() ? entry.value : places;
    append_number(out, static_cast<std::uint16_t>(entry.tag), 2);
    append_number(out, static_cast<std::uint16_t>(entry.type), 2);
    append_number(out, entry.count, word);
    if (value.size() <= word) {
      out.insert(out.end(), value.begin(), value.end());
      out.resize(out.size() + word - value.size());
    } else {
      append_number(out, values_offset + values.size(), word);
      values.insert(values.end(), value.begin(), value.end());
      values.resize(values.size() + values.size() % 2);
    }
  }
  append_number(out, next, word);
  out.insert(out.end(), values.begin(), values.end());
  out.insert(out.end(), directories.begin(), directories.end());
  return out;
}

std::size_t tiff_header_bytes(TiffEncoding encoding) { return encoding.big_tiff ? 16 : 8; }

ByteVector write_tiff(TiffEncoding encoding, const TiffDirectoryWriter& directory) {
  const std::uint8_t mark = encoding.big_endian ? 'M' : 'I';
  const std::size_t first = tiff_header_bytes(encoding);
  ByteVector out{mark, mark};
  out.reserve(first + directory.size());
  append_tiff_number(out, encoding.big_tiff ? 43 : 42, 2, encoding.big_endian);
  if (encoding.big_tiff) {
    append_tiff_number(out, encoding.offset_bytes(), 2, encoding.big_endian);
    append_tiff_number(out, 0, 2, encoding.big_endian);
  }
  append_tiff_number(out, first, encoding.offset_bytes(), encoding.big_endian);
  const ByteVector written = directory.write(first);
  out.insert(out.end(), written.begin(), written.end());
  return out;
}

}  // namespace iip
