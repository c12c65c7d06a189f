// Writes the directories of a TIFF structure, classic or BigTIFF, in either byte order: an Exif
// block, the directories that are put into a TIFF file, the header that libtiff's codecs are given.
//
// A value, for one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/formats/tiff/structure/types.h"

namespace iip {

// One directory, built entry by entry. The entries are written in the order of their tags, as TIFF
// asks for, those of one tag in the order in which they were added. What does not fit the entry
// lies behind the directory, at even offsets, in the same order; behind that the directories below
// it.
class TiffDirectoryWriter {
 public:
  explicit TiffDirectoryWriter(TiffEncoding encoding) : encoding_(encoding) {}

  // `value` is `count` values of the type in the encoding's byte order; or nothing, for an entry
  // without values.
  void add(TiffTag tag, TiffType type, std::uint64_t count, ByteVector value);
  // Integers, of a type of integers that holds them.
  void add(TiffTag tag, TiffType type, const std::vector<std::uint64_t>& values);
  // Directories of the same encoding, which the tag points to.
  void add_directories(TiffTag tag, std::vector<TiffDirectoryWriter> directories);

  // The bytes that write() gives.
  std::size_t size() const;
  // The directory as it is at `offset`, which is even, with all that belongs to it. `next` is the
  // place of the next one of the chain; 0 for none.
  ByteVector write(std::uint64_t offset, std::uint64_t next = 0) const;

 private:
  struct Entry {
    TiffTag tag;
    TiffType type;
    std::uint64_t count;
    ByteVector value;
    std::vector<TiffDirectoryWriter> directories;  // whose places are the value
  };

  void insert(Entry entry);
  // Where in a directory at 0 what lies behind the entries begins.
  std::size_t values_at() const;
  // What an entry of a value of that many bytes has behind the entries.
  std::size_t bytes_behind(std::size_t value_bytes) const;
  void append_number(ByteVector& to, std::uint64_t value, std::size_t width) const {
    append_tiff_number(to, value, width, encoding_.big_endian);
  }

  TiffEncoding encoding_;
  std::vector<Entry> entries_;          // by tag
  std::size_t value_bytes_behind_ = 0;  // of all entries
  std::size_t directory_bytes_ = 0;     // of all directories below
};

// The bytes of the header, before a first directory at their end.
std::size_t tiff_header_bytes(TiffEncoding encoding);

// A TIFF structure of this one directory: the header, and the directory right behind it.
ByteVector write_tiff(TiffEncoding encoding, const TiffDirectoryWriter& directory);

}  // namespace iip
