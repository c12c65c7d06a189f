// A small writer of TIFF structures for tests: number by number, as the test says, right or wrong.
// It shares nothing with the engine's own.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace iip::test {

struct TiffBytes {
  bool big_endian = false;
  bool big_tiff = false;
  std::vector<std::uint8_t> bytes{};

  int word() const { return big_tiff ? 8 : 4; }

  TiffBytes& number(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) {
      const int place = big_endian ? width - 1 - i : i;
      bytes.push_back(static_cast<std::uint8_t>(value >> (8 * place)));
    }
    return *this;
  }
  TiffBytes& text(std::string_view characters) {
    bytes.insert(bytes.end(), characters.begin(), characters.end());
    return *this;
  }
  // Zeros up to that place.
  TiffBytes& pad(std::size_t place) {
    bytes.resize(place);
    return *this;
  }

  TiffBytes& header(std::uint64_t first) {
    text(big_endian ? "MM" : "II").number(big_tiff ? 43 : 42, 2);
    if (big_tiff) number(8, 2).number(0, 2);
    return number(first, word());
  }
  // Where a directory behind the header begins.
  std::uint64_t behind_header() const { return big_tiff ? 16 : 8; }
  TiffBytes& entries(std::uint64_t count) { return number(count, big_tiff ? 8 : 2); }
  // An entry whose field holds numbers of that width.
  TiffBytes& entry(std::uint64_t tag, std::uint64_t type, std::uint64_t count,
                   const std::vector<std::uint64_t>& numbers, int width) {
    number(tag, 2).number(type, 2).number(count, word());
    const std::size_t end = bytes.size() + static_cast<std::size_t>(word());
    for (const std::uint64_t value : numbers) number(value, width);
    return pad(end);
  }
  // An entry whose values lie elsewhere.
  TiffBytes& entry_at(std::uint64_t tag, std::uint64_t type, std::uint64_t count,
                      std::uint64_t offset) {
    return entry(tag, type, count, {offset}, word());
  }
  TiffBytes& next(std::uint64_t offset) { return number(offset, word()); }
};

}  // namespace iip::test
