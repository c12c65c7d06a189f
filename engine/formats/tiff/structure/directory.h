// The directories (IFDs) of a TIFF structure, classic or BigTIFF, in either byte order: those of a
// TIFF file, and those of an Exif block in memory.
//
// Read in this order: types.h (byte order, types, tags), this header, directory_writer.h (the way
// back).
//
// A file is read with pread and nothing else, and whatever is read is read under fixed caps, so
// that a hostile file costs a bounded amount of work: 512 directories in the chain, 32 SubIFDs of
// any of them, 512 entries each, loops found. Values stay where they are until they are asked for.
// The two arrays that grow with the image (where each tile lies, how long it is) are never loaded
// whole: see TiffArray.
//
// A TiffDirectory refers to the File or the bytes that it was read from and must not outlive them.
// A tag that is absent, of a wrong type or beyond the end reads as "not there"; of one that is
// there twice the first counts. Any number of threads may read one. Never changed once read, so for
// any number of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/formats/tiff/structure/types.h"

namespace iip {

// What a TIFF structure is read from: a file, or bytes in memory. It refers to either.
class TiffInput {
 public:
  TiffInput(const File& file) : file_(&file) {}    // NOLINT(google-explicit-constructor)
  TiffInput(ByteSpan memory) : memory_(memory) {}  // NOLINT(google-explicit-constructor)

  std::uint64_t size() const { return file_ != nullptr ? file_->size() : memory_.size(); }
  // Fills `out` from `offset`. Errors: corrupt, where that lies beyond the end.
  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) const;
  // Whether `count` values of `width` bytes at `offset` lie inside.
  bool holds(std::uint64_t offset, std::uint64_t count, std::uint64_t width) const;

 private:
  const File* file_ = nullptr;
  ByteSpan memory_;
};

struct TiffEntry {
  TiffTag tag{};
  TiffType type{};
  std::uint64_t count = 0;
  std::uint64_t offset = 0;  // of the first value, which may lie in the entry itself
  std::uint64_t field = 0;   // of the place for values in the entry

  // An entry of an unknown type has no values: not even how long they are is known.
  bool has_values() const { return count != 0 && bytes_of(type) != 0; }
};

// An array of unsigned integers. Element by element it is fetched when needed, so its
// length costs nothing; short ones are kept in memory. Unlike the directory it may be kept.
class TiffArray {
 public:
  TiffArray() = default;

  std::uint64_t count() const { return count_; }
  // `input` is what the array was found in. `index` < count().
  Result<std::uint64_t> at(const TiffInput& input, std::uint64_t index) const;
  // `count` of them, from `first` on: there must be as many.
  Result<std::vector<std::uint64_t>> range(const TiffInput& input, std::uint64_t first,
                                           std::uint64_t count) const;
  // All of a short one.
  Result<std::vector<std::uint64_t>> all(const TiffInput& input) const {
    return range(input, 0, count_);
  }
  // The memory that it holds.
  std::uint64_t loaded_bytes() const { return loaded_.size(); }

 private:
  friend class TiffDirectory;
  TiffEncoding encoding_;
  TiffType type_{};
  std::uint64_t count_ = 0;
  std::uint64_t offset_ = 0;
  Bytes loaded_;
};

// How the directory of a damaged structure is read. A file's that has no entries, more than the cap
// or not all of them is refused: what it says of the pixels can not be trusted. Of an Exif block's,
// which only tells something, those are taken that are there, up to the cap.
enum class TiffDamage : std::uint8_t { refused, tolerated };

class TiffDirectory {
 public:
  // Reads the entries of the directory at `offset`. Errors: corrupt.
  static Result<TiffDirectory> read(const TiffInput& input, TiffEncoding encoding,
                                    std::uint64_t offset, TiffDamage damage = TiffDamage::refused);

  TiffEncoding encoding() const { return encoding_; }
  std::uint64_t offset() const { return offset_; }
  // Where the next directory of the chain lies; 0 at its end.
  std::uint64_t next() const { return next_; }
  bool has(TiffTag tag) const { return find(tag) != nullptr; }

  // The first value of an unsigned integer tag.
  std::optional<std::uint64_t> integer(TiffTag tag) const;
  std::uint64_t integer_or(TiffTag tag, std::uint64_t fallback) const {
    return integer(tag).value_or(fallback);
  }
  // All values; empty if there are more than `most`.
  std::vector<std::uint64_t> integers(TiffTag tag, std::uint64_t most) const;
  // The values of a tag of any numeric type, rationals included; empty if there are more than
  // `most` or one of them is not finite.
  std::vector<double> numbers(TiffTag tag, std::uint64_t most) const;
  // The bytes of a BYTE, ASCII, UNDEFINED (or, as some writers have it, LONG) value; empty if there
  // are more than `most`.
  ByteVector bytes(TiffTag tag, std::uint64_t most) const;
  // The bytes of file or block from `offset` on, for values that are places: `most`, or fewer where
  // it ends.
  ByteVector bytes_from(std::uint64_t offset, std::uint64_t most) const;
  // An integer array, wholly inside.
  std::optional<TiffArray> array(TiffTag tag) const;

  // All that the directory holds, in its order, those without values too; and the bytes of one
  // value as they are stored, empty if there are more than `most_bytes`.
  const std::vector<TiffEntry>& entries() const { return entries_; }
  ByteVector value(const TiffEntry& entry, std::uint64_t most_bytes) const;
  // The number in the first bytes, 2 or 4, of an entry's place for values, whatever it states its
  // type to be.
  std::uint32_t field_number(const TiffEntry& entry, std::size_t width) const;

  // The directory that a tag points to.
  std::optional<TiffDirectory> directory(TiffTag tag) const;
  // The SubIFDs. One that can not be read is left out with a line in the log.
  std::vector<TiffDirectory> children(LogSink& log) const;

 private:
  TiffDirectory(const TiffInput& input, TiffEncoding encoding)
      : input_(input), encoding_(encoding) {}
  const TiffEntry* find(TiffTag tag) const;

  TiffInput input_;
  TiffEncoding encoding_;
  std::uint64_t offset_ = 0;
  std::uint64_t next_ = 0;
  std::vector<TiffEntry> entries_;
};

// Whether the first bytes of a file are those of a TIFF file.
bool is_tiff(ByteSpan head);

struct TiffHeader {
  TiffEncoding encoding;
  std::uint64_t first = 0;  // where the first directory lies
};

// Errors: corrupt.
Result<TiffHeader> read_tiff_header(const TiffInput& input);

// The chain of directories: at least one. Errors: corrupt, if there is no readable first directory.
// A later directory that can not be read ends the chain with a line in the log.
Result<std::vector<TiffDirectory>> read_tiff_chain(const TiffInput& input, LogSink& log);

}  // namespace iip
