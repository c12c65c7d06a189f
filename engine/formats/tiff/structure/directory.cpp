#include "engine/formats/tiff/structure/directory.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace iip {

namespace {

constexpr std::size_t kMostDirectories = 512;
constexpr std::size_t kMostChildren = 32;
constexpr std::uint64_t kMostEntries = 512;
constexpr std::uint64_t kLoadedArrayBytes = 4096;

enum FieldType : std::uint16_t {
  kByte = 1,
  kAscii = 2,
  kShort = 3,
  kLong = 4,
  kRational = 5,
  kSignedByte = 6,
  kUndefined = 7,
  kSignedShort = 8,
  kSignedLong = 9,
  kSignedRational = 10,
  kFloat = 11,
  kDouble = 12,
  kIfd = 13,
  kLong8 = 16,
  kSignedLong8 = 17,
  kIfd8 = 18,
};

// 0 for a type that does not exist.
std::uint64_t bytes_of_type(std::uint16_t type) {
  switch (type) {
    case kByte:
    case kAscii:
    case kSignedByte:
    case kUndefined:
      return 1;
    case kShort:
    case kSignedShort:
      return 2;
    case kLong:
    case kSignedLong:
    case kFloat:
    case kIfd:
      return 4;
    case kRational:
    case kSignedRational:
    case kDouble:
    case kLong8:
    case kSignedLong8:
    case kIfd8:
      return 8;
    default:
      return 0;
  }
}

bool is_unsigned_integer(std::uint16_t type) {
  return type == kByte || type == kShort || type == kLong || type == kLong8 || type == kIfd ||
         type == kIfd8;
}

std::uint64_t load(const std::uint8_t* at, std::uint64_t width, bool big_endian) {
  std::uint64_t value = 0;
  for (std::uint64_t i = 0; i < width; ++i) {
    value = value << 8U | at[big_endian ? i : width - 1 - i];
  }
  return value;
}

double ratio(double numerator, double denominator) {
  return denominator == 0 ? std::nan("") : numerator / denominator;
}

double load_number(const std::uint8_t* at, std::uint16_t type, bool big_endian) {
  const auto word = [&](std::size_t offset) {
    return static_cast<std::uint32_t>(load(at + offset, 4, big_endian));
  };
  const auto whole = [&] { return load(at, bytes_of_type(type), big_endian); };
  switch (type) {
    case kRational:
      return ratio(word(0), word(4));
    case kSignedRational:
      return ratio(static_cast<std::int32_t>(word(0)), static_cast<std::int32_t>(word(4)));
    case kSignedByte:
      return static_cast<std::int8_t>(whole());
    case kSignedShort:
      return static_cast<std::int16_t>(whole());
    case kSignedLong:
      return static_cast<std::int32_t>(whole());
    case kSignedLong8:
      return static_cast<double>(static_cast<std::int64_t>(whole()));
    case kFloat:
      return static_cast<double>(std::bit_cast<float>(word(0)));
    case kDouble:
      return std::bit_cast<double>(whole());
    default:
      return is_unsigned_integer(type) ? static_cast<double>(whole()) : std::nan("");
  }
}

// Whether `count` values of `width` bytes at `offset` lie inside the file.
bool lies_inside(const File& file, std::uint64_t offset, std::uint64_t count, std::uint64_t width) {
  if (offset > file.size()) return false;
  return count <= (file.size() - offset) / width;
}

struct TiffHeader {
  TiffEncoding encoding;
  std::uint64_t first = 0;
};

Result<TiffHeader> read_header(const File& file) {
  std::array<std::uint8_t, 16> head{};
  const std::span<std::uint8_t> classic(head.data(), 8);
  if (const Status status = file.read_at(0, classic); !status) return damaged("no TIFF header");
  TiffHeader header;
  header.encoding.big_endian = head[0] == 'M';
  header.encoding.big_tiff = head[2] + head[3] == 43;
  if (!header.encoding.big_tiff) {
    header.first = load(&head[4], 4, header.encoding.big_endian);
    return header;
  }
  if (const Status status = file.read_at(0, head); !status) return damaged("no BigTIFF header");
  if (load(&head[4], 2, header.encoding.big_endian) != 8 ||
      load(&head[6], 2, header.encoding.big_endian) != 0) {
    return damaged("the BigTIFF header states offsets of another width than 8 bytes");
  }
  header.first = load(&head[8], 8, header.encoding.big_endian);
  return header;
}

}  // namespace

Result<std::uint64_t> TiffArray::at(const File& file, std::uint64_t index) const {
  const std::uint64_t width = bytes_of_type(type_);
  if (!loaded_.empty()) {
    return load(loaded_.data() + index * width, width, encoding_.big_endian);
  }
  std::array<std::uint8_t, 8> value{};
  Status status = file.read_at(offset_ + index * width,
                               std::span(value).first(static_cast<std::size_t>(width)));
  if (!status) return pass_on(status);
  return load(value.data(), width, encoding_.big_endian);
}

Result<std::vector<std::uint64_t>> TiffArray::range(const File& file, std::uint64_t first,
                                                    std::uint64_t count) const {
  const std::uint64_t width = bytes_of_type(type_);
  ByteVector bytes(static_cast<std::size_t>(count * width));
  if (Status status = file.read_at(offset_ + first * width, bytes); !status) return pass_on(status);
  std::vector<std::uint64_t> values;
  values.reserve(static_cast<std::size_t>(count));
  for (std::size_t at = 0; at < bytes.size(); at += width) {
    values.push_back(load(bytes.data() + at, width, encoding_.big_endian));
  }
  return values;
}

Result<TiffDirectory> TiffDirectory::read(const File& file, TiffEncoding encoding,
                                          std::uint64_t offset) {
  const std::uint64_t count_width = encoding.big_tiff ? 8 : 2;
  const std::uint64_t entry_width = encoding.big_tiff ? 20 : 12;
  const std::uint64_t word = encoding.big_tiff ? 8 : 4;

  std::array<std::uint8_t, 8> head{};
  Status status =
      file.read_at(offset, std::span(head).first(static_cast<std::size_t>(count_width)));
  if (!status) return pass_on(status);
  const std::uint64_t count = load(head.data(), count_width, encoding.big_endian);
  if (count == 0 || count > kMostEntries) {
    return damaged("a directory of " + std::to_string(count) + " entries at offset " +
                   std::to_string(offset));
  }
  ByteVector body(static_cast<std::size_t>(count * entry_width + word));
  status = file.read_at(offset + count_width, body);
  if (!status) return pass_on(status);

  TiffDirectory directory(file, encoding);
  directory.offset_ = offset;
  directory.entries_.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint8_t* at = body.data() + i * entry_width;
    TiffEntry entry;
    entry.tag = static_cast<std::uint16_t>(load(at, 2, encoding.big_endian));
    entry.type = static_cast<std::uint16_t>(load(at + 2, 2, encoding.big_endian));
    entry.count = load(at + 4, word, encoding.big_endian);
    const std::uint64_t width = bytes_of_type(entry.type);
    if (width == 0 || entry.count == 0) continue;
    entry.offset = entry.count <= word / width ? offset + count_width + i * entry_width + 4 + word
                                               : load(at + 4 + word, word, encoding.big_endian);
    directory.entries_.push_back(entry);
  }
  directory.next_ = load(body.data() + count * entry_width, word, encoding.big_endian);
  return directory;
}

const TiffEntry* TiffDirectory::find(TiffTag tag) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [tag](const TiffEntry& entry) {
    return entry.tag == static_cast<std::uint16_t>(tag);
  });
  return found == entries_.end() ? nullptr : &*found;
}

ByteVector TiffDirectory::value(const TiffEntry& entry, std::uint64_t most_bytes) const {
  const std::uint64_t width = bytes_of_type(entry.type);
  if (entry.count > most_bytes / width) return {};
  if (!lies_inside(*file_, entry.offset, entry.count, width)) return {};
  ByteVector bytes(static_cast<std::size_t>(entry.count * width));
  if (!file_->read_at(entry.offset, bytes)) return {};
  return bytes;
}

std::optional<std::uint64_t> TiffDirectory::integer(TiffTag tag) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr || !is_unsigned_integer(entry->type)) return std::nullopt;
  TiffEntry first = *entry;
  first.count = 1;
  const ByteVector bytes = value(first, 8);
  if (bytes.empty()) return std::nullopt;
  return load(bytes.data(), bytes.size(), encoding_.big_endian);
}

std::vector<std::uint64_t> TiffDirectory::integers(TiffTag tag, std::uint64_t most) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr || !is_unsigned_integer(entry->type)) return {};
  const std::uint64_t width = bytes_of_type(entry->type);
  const ByteVector bytes = value(*entry, most * width);
  std::vector<std::uint64_t> values;
  for (std::size_t at = 0; at < bytes.size(); at += width) {
    values.push_back(load(bytes.data() + at, width, encoding_.big_endian));
  }
  return values;
}

std::vector<double> TiffDirectory::numbers(TiffTag tag, std::uint64_t most) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr) return {};
  const std::uint64_t width = bytes_of_type(entry->type);
  const ByteVector bytes = value(*entry, most * width);
  std::vector<double> values;
  for (std::size_t at = 0; at < bytes.size(); at += width) {
    const double value = load_number(bytes.data() + at, entry->type, encoding_.big_endian);
    if (!std::isfinite(value)) return {};
    values.push_back(value);
  }
  return values;
}

ByteVector TiffDirectory::bytes(TiffTag tag, std::uint64_t most) const {
  const TiffEntry* entry = find(tag);
  return entry == nullptr ? ByteVector{} : value(*entry, most);
}

ByteVector TiffDirectory::bytes_from(std::uint64_t offset, std::uint64_t most) const {
  if (offset >= file_->size()) return {};
  ByteVector bytes(static_cast<std::size_t>(std::min(most, file_->size() - offset)));
  if (!file_->read_at(offset, bytes)) return {};
  return bytes;
}

std::optional<TiffArray> TiffDirectory::array(TiffTag tag) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr || !is_unsigned_integer(entry->type)) return std::nullopt;
  if (!lies_inside(*file_, entry->offset, entry->count, bytes_of_type(entry->type))) {
    return std::nullopt;
  }
  TiffArray array;
  array.encoding_ = encoding_;
  array.type_ = entry->type;
  array.count_ = entry->count;
  array.offset_ = entry->offset;
  array.loaded_ = Bytes(value(*entry, kLoadedArrayBytes));
  return array;
}

bool is_tiff(ByteSpan head) {
  if (head.size() < 4) return false;
  const bool little = head[0] == 'I' && head[1] == 'I' && head[3] == 0;
  const bool big = head[0] == 'M' && head[1] == 'M' && head[2] == 0;
  const int version = little ? head[2] : head[3];
  return (little || big) && (version == 42 || version == 43);
}

std::optional<TiffDirectory> TiffDirectory::directory(TiffTag tag) const {
  const std::optional<std::uint64_t> offset = integer(tag);
  if (!offset) return std::nullopt;
  Result<TiffDirectory> found = read(*file_, encoding_, *offset);
  if (!found) return std::nullopt;
  return std::move(*found);
}

std::vector<TiffDirectory> TiffDirectory::children(LogSink& log) const {
  std::vector<TiffDirectory> found;
  for (const std::uint64_t offset : integers(TiffTag::sub_ifd, kMostChildren)) {
    if (offset == 0) continue;
    Result<TiffDirectory> child = read(*file_, encoding_, offset);
    if (child) {
      found.push_back(std::move(*child));
    } else {
      log.write(LogLevel::warning, "TIFF: a SubIFD is not readable: " + child.error().detail);
    }
  }
  return found;
}

Result<std::vector<TiffDirectory>> read_tiff_chain(const File& file, LogSink& log) {
  const Result<TiffHeader> header = read_header(file);
  if (!header) return tl::unexpected(header.error());
  Result<TiffDirectory> first = TiffDirectory::read(file, header->encoding, header->first);
  if (!first) return pass_on(first);

  std::vector<TiffDirectory> chain{std::move(*first)};
  std::vector<std::uint64_t> seen{0, header->first};
  while (chain.size() < kMostDirectories) {
    const std::uint64_t next = chain.back().next();
    if (std::find(seen.begin(), seen.end(), next) != seen.end()) break;
    seen.push_back(next);
    Result<TiffDirectory> directory = TiffDirectory::read(file, header->encoding, next);
    if (!directory) {
      log.write(LogLevel::warning, "TIFF: the chain of directories is broken after " +
                                       std::to_string(chain.size()) + ": " +
                                       directory.error().detail);
      break;
    }
    chain.push_back(std::move(*directory));
  }
  return chain;
}

}  // namespace iip
