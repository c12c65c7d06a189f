// TileEnvelope: a tile as it travels to a server that is not trusted, and back.
//
// A value is a header, then the tile. In the header, numbers are little-endian:
//
//    0  "IIPT"
//    4  version of this layout (32 bits)
//    8  name of the site, hashed (128 bits)
//   24  key of the tile (128 bits)
//   40  length of the tile (64 bits)
//   48  XXH3 of the tile (64 bits)
//   56  MAC of everything else, by the secret of the cluster (128 bits)
//
// open() accepts only what seal() made with the same site, secret and key, whole and unchanged.
// Without a secret the MAC is made with a key that is known to all: it then tells accident and
// other programs, but not forgery.
//
// Immutable; any thread may use it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/hash.h"
#include "engine/base/siphash.h"

namespace iip {

class TileEnvelope {
 public:
  static constexpr std::size_t kHeaderSize = 72;
  using Header = std::array<std::uint8_t, kHeaderSize>;

  // Sites (virtual hosts) of different names never get each other's tiles.
  TileEnvelope(std::string_view site, std::string_view secret);

  // What goes before the tile.
  Header seal(const Digest& key, ByteSpan tile) const;

  // The tile in `value`, which may hold anything.
  std::optional<Bytes> open(const Digest& key, ByteSpan value) const;

  const Digest& site() const { return site_; }

 private:
  Header unsigned_header(const Digest& key, ByteSpan tile) const;
  Mac mac(const Header& header, ByteSpan tile) const;

  const Digest site_;
  const MacKey mac_key_;
};

}  // namespace iip
