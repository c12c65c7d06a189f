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

double ratio(double numerator, double denominator) {
  return denominator == 0 ? std::nan("") : numerator / denominator;
}

double load_number(const std::uint8_t* at, TiffType type, bool big_endian) {
  const auto word = [&](std::size_t offset) {
    return static_cast<std::uint32_t>(load_tiff_number(at + offset, 4, big_endian));
  };
  const auto whole = [&] { return load_tiff_number(at, bytes_of(type), big_endian); };
  switch (type) {
    case TiffType::rational:
      return ratio(word(0), word(4));
    case TiffType::srational:
      return ratio(static_cast<std::int32_t>(word(0)), static_cast<std::int32_t>(word(4)));
    case TiffType::sint8:
      return static_cast<std::int8_t>(whole());
    case TiffType::sint16:
      return static_cast<std::int16_t>(whole());
    case TiffType::sint32:
      return static_cast<std::int32_t>(whole());
    case TiffType::sint64:
      return static_cast<double>(static_cast<std::int64_t>(whole()));
    case TiffType::float32:
      return static_cast<double>(std::bit_cast<float>(word(0)));
    case TiffType::float64:
      return std::bit_cast<double>(whole());
    default:
      return is_unsigned_integer(type) ? static_cast<double>(whole()) : std::nan("");
  }
}

}  // namespace

Status TiffInput::read_at(std::uint64_t offset, std::span<std::uint8_t> out) const {
  if (file_ != nullptr) return file_->read_at(offset, out);
  if (!holds(offset, out.size(), 1)) {
    return damaged(std::to_string(out.size()) + " bytes at offset " + std::to_string(offset) +
                   " lie beyond the end of the block (" + std::to_string(memory_.size()) + ")");
  }
  std::copy_n(memory_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  return {};
}

bool TiffInput::holds(std::uint64_t offset, std::uint64_t count, std::uint64_t width) const {
  return offset <= size() && count <= (size() - offset) / width;
}

Result<std::uint64_t> TiffArray::at(const TiffInput& input, std::uint64_t index) const {
  const std::size_t width = bytes_of(type_);
  if (!loaded_.empty()) {
    return load_tiff_number(loaded_.data() + index * width, width, encoding_.big_endian);
  }
  std::array<std::uint8_t, 8> value{};
  Status status = input.read_at(offset_ + index * width, std::span(value).first(width));
  if (!status) return pass_on(status);
  return load_tiff_number(value.data(), width, encoding_.big_endian);
}

Result<std::vector<std::uint64_t>> TiffArray::range(const TiffInput& input, std::uint64_t first,
                                                    std::uint64_t count) const {
  const std::size_t width = bytes_of(type_);
  ByteVector bytes(static_cast<std::size_t>(count * width));
  if (Status status = input.read_at(offset_ + first * width, bytes); !status) {
    return pass_on(status);
  }
  std::vector<std::uint64_t> values;
  values.reserve(static_cast<std::size_t>(count));
  for (std::size_t at = 0; at < bytes.size(); at += width) {
    values.push_back(load_tiff_number(bytes.data() + at, width, encoding_.big_endian));
  }
  return values;
}

Result<TiffDirectory> TiffDirectory::read(const TiffInput& input, TiffEncoding encoding,
                                          std::uint64_t offset, TiffDamage damage) {
  const bool big_endian = encoding.big_endian;
  const std::size_t count_width = encoding.entry_count_bytes();
  const std::size_t entry_width = encoding.entry_bytes();
  const std::size_t word = encoding.offset_bytes();

  std::array<std::uint8_t, 8> head{};
  Status status = input.read_at(offset, std::span(head).first(count_width));
  if (!status) return pass_on(status);
  const std::uint64_t stated = load_tiff_number(head.data(), count_width, big_endian);
  const std::uint64_t entries_at = offset + count_width;
  std::uint64_t count = stated;
  if (damage == TiffDamage::tolerated) {
    count = std::min({stated, kMostEntries, (input.size() - entries_at) / entry_width});
  } else if (stated == 0 || stated > kMostEntries) {
    return damaged("a directory of " + std::to_string(stated) + " entries at offset " +
                   std::to_string(offset));
  }
  // After the last entry comes the offset of the next directory.
  const bool has_next = count == stated && (damage == TiffDamage::refused ||
                                            input.holds(entries_at, count * entry_width + word, 1));
  ByteVector body(static_cast<std::size_t>(count) * entry_width + (has_next ? word : 0));
  status = input.read_at(entries_at, body);
  if (!status) return pass_on(status);

  TiffDirectory directory(input, encoding);
  directory.offset_ = offset;
  directory.entries_.reserve(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* at = body.data() + i * entry_width;
    TiffEntry entry;
    entry.tag = static_cast<TiffTag>(load_tiff_number(at, 2, big_endian));
    entry.type = static_cast<TiffType>(load_tiff_number(at + 2, 2, big_endian));
    entry.count = load_tiff_number(at + 4, word, big_endian);
    entry.field = entries_at + i * entry_width + 4 + word;
    const std::size_t width = bytes_of(entry.type);
    const bool in_entry = width == 0 || entry.count <= word / width;
    entry.offset = in_entry ? entry.field : load_tiff_number(at + 4 + word, word, big_endian);
    directory.entries_.push_back(entry);
  }
  if (has_next) {
    directory.next_ = load_tiff_number(&body[body.size() - word], word, big_endian);
  }
  return directory;
}

const TiffEntry* TiffDirectory::find(TiffTag tag) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [tag](const TiffEntry& entry) {
    return entry.tag == tag && entry.has_values();
  });
  return found == entries_.end() ? nullptr : &*found;
}

ByteVector TiffDirectory::value(const TiffEntry& entry, std::uint64_t most_bytes) const {
  const std::size_t width = bytes_of(entry.type);
  if (!entry.has_values() || entry.count > most_bytes / width) return {};
  if (!input_.holds(entry.offset, entry.count, width)) return {};
  ByteVector bytes(static_cast<std::size_t>(entry.count) * width);
  if (!input_.read_at(entry.offset, bytes)) return {};
  return bytes;
}

std::uint32_t TiffDirectory::field_number(const TiffEntry& entry, std::size_t width) const {
  std::array<std::uint8_t, 4> bytes{};
  if (!input_.read_at(entry.field, std::span(bytes).first(width))) return 0;
  return static_cast<std::uint32_t>(load_tiff_number(bytes.data(), width, encoding_.big_endian));
}

std::optional<std::uint64_t> TiffDirectory::integer(TiffTag tag) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr || !is_unsigned_integer(entry->type)) return std::nullopt;
  TiffEntry first = *entry;
  first.count = 1;
  const ByteVector bytes = value(first, 8);
  if (bytes.empty()) return std::nullopt;
  return load_tiff_number(bytes.data(), bytes.size(), encoding_.big_endian);
}

std::vector<std::uint64_t> TiffDirectory::integers(TiffTag tag, std::uint64_t most) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr || !is_unsigned_integer(entry->type)) return {};
  const std::uint64_t width = bytes_of(entry->type);
  const ByteVector bytes = value(*entry, most * width);
  std::vector<std::uint64_t> values;
  for (std::size_t at = 0; at < bytes.size(); at += width) {
    values.push_back(load_tiff_number(bytes.data() + at, width, encoding_.big_endian));
  }
  return values;
}

std::vector<double> TiffDirectory::numbers(TiffTag tag, std::uint64_t most) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr) return {};
  const std::uint64_t width = bytes_of(entry->type);
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
  if (offset >= input_.size()) return {};
  ByteVector bytes(static_cast<std::size_t>(std::min(most, input_.size() - offset)));
  if (!input_.read_at(offset, bytes)) return {};
  return bytes;
}

std::optional<TiffArray> TiffDirectory::array(TiffTag tag) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr || !is_unsigned_integer(entry->type)) return std::nullopt;
  if (!input_.holds(entry->offset, entry->count, bytes_of(entry->type))) return std::nullopt;
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

Result<TiffHeader> read_tiff_header(const TiffInput& input) {
  std::array<std::uint8_t, 16> head{};
  const std::span<std::uint8_t> classic(head.data(), 8);
  if (!input.read_at(0, classic) || !is_tiff(classic)) return damaged("no TIFF header");
  TiffHeader header;
  const bool big_endian = head[0] == 'M';
  header.encoding.big_endian = big_endian;
  header.encoding.big_tiff = load_tiff_number(&head[2], 2, big_endian) == 43;
  if (!header.encoding.big_tiff) {
    header.first = load_tiff_number(&head[4], 4, big_endian);
    return header;
  }
  if (!input.read_at(0, head)) return damaged("no BigTIFF header");
  if (load_tiff_number(&head[4], 2, big_endian) != 8 ||
      load_tiff_number(&head[6], 2, big_endian) != 0) {
    return damaged("the BigTIFF header states offsets of another width than 8 bytes");
  }
  header.first = load_tiff_number(&head[8], 8, big_endian);
  return header;
}

std::optional<TiffDirectory> TiffDirectory::directory(TiffTag tag) const {
  const std::optional<std::uint64_t> offset = integer(tag);
  if (!offset) return std::nullopt;
  Result<TiffDirectory> found = read(input_, encoding_, *offset);
  if (!found) return std::nullopt;
  return std::move(*found);
}

std::vector<TiffDirectory> TiffDirectory::children(LogSink& log) const {
  std::vector<TiffDirectory> found;
  for (const std::uint64_t offset : integers(TiffTag::sub_ifd, kMostChildren)) {
    if (offset == 0) continue;
    Result<TiffDirectory> child = read(input_, encoding_, offset);
    if (child) {
      found.push_back(std::move(*child));
    } else {
      log.write(LogLevel::warning, "TIFF: a SubIFD is not readable: " + child.error().detail);
    }
  }
  return found;
}

Result<std::vector<TiffDirectory>> read_tiff_chain(const TiffInput& input, LogSink& log) {
  const Result<TiffHeader> header = read_tiff_header(input);
  if (!header) return tl::unexpected(header.error());
  Result<TiffDirectory> first = TiffDirectory::read(input, header->encoding, header->first);
  if (!first) return pass_on(first);

  std::vector<TiffDirectory> chain{std::move(*first)};
  std::vector<std::uint64_t> seen{0, header->first};
  while (chain.size() < kMostDirectories) {
    const std::uint64_t next = chain.back().next();
    if (std::find(seen.begin(), seen.end(), next) != seen.end()) break;
    seen.push_back(next);
    Result<TiffDirectory> directory = TiffDirectory::read(input, header->encoding, next);
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
