#include "engine/formats/metadata/exif_block.h"

#include <algorithm>
#include <array>

namespace iip {

namespace {

constexpr std::uint32_t kOrientation = 274;
constexpr std::uint32_t kInteroperability = 0xA005;  // an offset, which would lead nowhere
constexpr std::uint32_t kShort = 3;
constexpr std::size_t kEntryBytes = 12;
constexpr std::size_t kMostEntries = 512;

// By the types of TIFF 6.0, from BYTE (1) to DOUBLE (12): how many numbers a value has, and the
// bytes of each.
struct ValueType {
  std::size_t numbers;
  std::size_t width;
};
constexpr std::array<ValueType, 13> kTypes = {{{0, 0},
                                               {1, 1},
                                               {1, 1},
                                               {1, 2},
                                               {1, 4},
                                               {2, 4},
                                               {1, 1},
                                               {1, 1},
                                               {1, 2},
                                               {1, 4},
                                               {2, 4},
                                               {1, 4},
                                               {1, 8}}};

struct Entry {
  std::uint32_t tag = 0;
  std::uint32_t type = 0;
  std::uint32_t count = 0;
  std::size_t at = 0;  // of the value field
};

class Block {
 public:
  explicit Block(ByteSpan bytes) : bytes_(bytes) {
    const bool marked =
        bytes.size() >= 8 && bytes[0] == bytes[1] && (bytes[0] == 'I' || bytes[0] == 'M');
    little_ = marked && bytes[0] == 'I';
    valid_ = marked && number(2, 2) == 42;
  }

  bool valid() const { return valid_; }
  bool little() const { return little_; }
  ByteSpan bytes() const { return bytes_; }
  bool holds(std::size_t at, std::size_t length) const {
    return at <= bytes_.size() && length <= bytes_.size() - at;
  }
  std::uint32_t number(std::size_t at, std::size_t width) const {
    std::uint32_t value = 0;
    if (!holds(at, width)) return value;
    for (std::size_t i = 0; i < width; ++i) {
      value = value << 8U | bytes_[at + (little_ ? width - 1 - i : i)];
    }
    return value;
  }

  // Calls visit(entry) for those of the directory at `at` that lie in the block.
  template <class Visit>
  void for_each_entry(std::size_t at, Visit visit) const {
    const std::size_t count = std::min<std::size_t>(number(at, 2), kMostEntries);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t entry = at + 2 + i * kEntryBytes;
      if (!holds(entry, kEntryBytes)) return;
      visit(Entry{number(entry, 2), number(entry + 2, 2), number(entry + 4, 4), entry + 8});
    }
  }

 private:
  ByteSpan bytes_;
  bool little_ = false;
  bool valid_ = false;
};

void append(ByteVector& bytes, std::uint32_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 255U));
  }
}

// The bytes of the entry's value, each number little-endian; empty if it lies outside.
ByteVector value_of(const Block& block, const Entry& entry) {
  if (entry.type >= kTypes.size() || entry.count > block.bytes().size()) return {};
  const ValueType type = kTypes[entry.type];
  const std::size_t numbers = entry.count * type.numbers;
  const std::size_t length = numbers * type.width;
  const std::size_t at = length <= 4 ? entry.at : block.number(entry.at, 4);
  if (length == 0 || !block.holds(at, length)) return {};
  const ByteSpan stored = block.bytes().subspan(at, length);
  ByteVector value(stored.begin(), stored.end());
  if (block.little()) return value;
  for (std::size_t i = 0; i < numbers; ++i) {
    const auto start = value.begin() + static_cast<std::ptrdiff_t>(i * type.width);
    std::reverse(start, start + static_cast<std::ptrdiff_t>(type.width));
  }
  return value;
}

struct CopiedEntry {
  Entry entry;
  ByteVector value;
};

std::vector<CopiedEntry> copy_entries(const Block& block, std::size_t directory) {
  std::vector<CopiedEntry> entries;
  std::size_t total = 0;
  block.for_each_entry(directory, [&](const Entry& entry) {
    if (entry.tag == kInteroperability) return;
    ByteVector value = value_of(block, entry);
    total += value.size();  // values may overlap in the block
    if (value.empty() || total > kMaxExif) return;
    entries.push_back({entry, std::move(value)});
  });
  const auto by_tag = [](const auto& a, const auto& b) { return a.entry.tag < b.entry.tag; };
  std::stable_sort(entries.begin(), entries.end(), by_tag);
  const auto same_tag = [](const auto& a, const auto& b) { return a.entry.tag == b.entry.tag; };
  entries.erase(std::unique(entries.begin(), entries.end(), same_tag), entries.end());
  return entries;
}

ByteVector written_at(const std::vector<CopiedEntry>& entries, std::uint32_t at) {
  ByteVector out;
  ByteVector values;
  const std::size_t values_at = at + 2 + entries.size() * kEntryBytes + 4;
  append(out, static_cast<std::uint32_t>(entries.size()), 2);
  for (const auto& [entry, value] : entries) {
    append(out, entry.tag, 2);
    append(out, entry.type, 2);
    append(out, entry.count, 4);
    if (value.size() <= 4) {
      out.insert(out.end(), value.begin(), value.end());
      out.resize(out.size() + 4 - value.size());
    } else {
      append(out, static_cast<std::uint32_t>(values_at + values.size()), 4);
      values.insert(values.end(), value.begin(), value.end());
      values.resize(values.size() + values.size() % 2);
    }
  }
  append(out, 0, 4);
  out.insert(out.end(), values.begin(), values.end());
  return out;
}

}  // namespace

ByteVector upright_exif(ByteSpan bytes) {
  const Block block(bytes);
  if (!block.valid() || bytes.size() > kMaxExif) return {};
  ByteVector upright(bytes.begin(), bytes.end());
  block.for_each_entry(block.number(4, 4), [&](const Entry& entry) {
    if (entry.tag != kOrientation || entry.type != kShort) return;
    upright[entry.at] = block.little() ? 1 : 0;
    upright[entry.at + 1] = block.little() ? 0 : 1;
  });
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
  const Block block(bytes);
  if (!block.valid()) return {};
  std::size_t pointer = 0;
  block.for_each_entry(block.number(4, 4), [&](const Entry& entry) {
    if (entry.tag == static_cast<std::uint32_t>(directory)) pointer = block.number(entry.at, 4);
  });
  if (pointer == 0) return {};
  const std::vector<CopiedEntry> entries = copy_entries(block, pointer);
  return entries.empty() ? ByteVector() : written_at(entries, at);
}

}  // namespace iip
