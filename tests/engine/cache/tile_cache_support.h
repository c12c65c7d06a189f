// What the tests of the tile cache share: blocks of memory and tiles that tell what they must hold.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/cache/tile_cache.h"

namespace iip::test {

// Shared memory without a name. Each Mapping of it lies at an address of its own.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t size) : size_(size), file_(memfd_create("block", 0)) {
    if (ftruncate(file_, static_cast<off_t>(size)) != 0) file_ = -1;
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() { close(file_); }

  int file() const { return file_; }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  int file_;
};

class Mapping {
 public:
  explicit Mapping(const SharedMemory& memory)
      : size_(memory.size()),
        start_(mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, memory.file(), 0)) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { munmap(start_, size_); }

  std::span<std::byte> span() const { return {static_cast<std::byte*>(start_), size_}; }

 private:
  std::size_t size_;
  void* start_;
};

// Memory of this process, of this size exactly, so that a sanitiser sees a step beyond it.
class HeapBlock {
 public:
  explicit HeapBlock(std::size_t size) : lines_(size / sizeof(Line)) {}
  std::span<std::byte> span() { return std::as_writable_bytes(std::span(lines_)); }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> lines_;
};

inline Digest key_of(std::uint64_t number) {
  Hasher hasher;
  hasher.add(number);
  return hasher.digest();
}

// The bytes that belong to a number, a version and a size: no two share a run.
inline ByteVector bytes_of(std::uint64_t number, std::uint64_t version, std::size_t size) {
  ByteVector bytes(size);
  std::uint64_t state = number * 0x9E37'79B9'7F4A'7C15 + version * 0xBF58'476D'1CE4'E5B9 + size;
  for (std::uint8_t& byte : bytes) {
    state = state * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
    byte = static_cast<std::uint8_t>(state >> 56);
  }
  return bytes;
}

// A tile that names number, version and size of its content in the first bytes, so that one that is
// found can be judged by itself.
constexpr std::size_t kNameBytes = 24;

inline ByteVector tile_of(std::uint64_t number, std::uint64_t version, std::size_t size) {
  ByteVector tile;
  for (const std::uint64_t field : {number, version, std::uint64_t{size}}) {
    for (int shift = 0; shift < 64; shift += 8)
      tile.push_back(static_cast<std::uint8_t>(field >> shift));
  }
  const ByteVector content = bytes_of(number, version, size);
  tile.insert(tile.end(), content.begin(), content.end());
  return tile;
}

inline bool store(TileCache& cache, std::uint64_t number, std::uint64_t version, std::size_t size,
                  CacheClient client = CacheClient{0}) {
  return cache.store(key_of(number), tile_of(number, version, size), client);
}

// Whether what was found under the number is, byte for byte, something that was stored under it.
inline bool is_tile_of(std::uint64_t number, const Bytes& found) {
  if (found.size() < kNameBytes) return false;
  const ByteSpan tile = found.span();
  std::uint64_t version = 0;
  for (std::size_t i = 0; i < 8; ++i) version |= std::uint64_t{tile[8 + i]} << (i * 8);
  return std::ranges::equal(tile, tile_of(number, version, tile.size() - kNameBytes));
}

}  // namespace iip::test
