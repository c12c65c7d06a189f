#include "engine/remote/tile_envelope.h"

#include <algorithm>

#include "engine/base/xxh3.h"

namespace iip {

namespace {

constexpr std::uint8_t kMagic[] = {'I', 'I', 'P', 'T'};
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kMacAt = 56;

template <class Word>
std::uint8_t* put(std::uint8_t* out, Word word) {
  for (unsigned i = 0; i < sizeof word; ++i) *out++ = static_cast<std::uint8_t>(word >> (8 * i));
  return out;
}

std::uint8_t* put(std::uint8_t* out, const Digest& digest) {
  return put(put(out, digest.high), digest.low);
}

Digest name_of(std::string_view site) {
  Hasher hasher;
  hasher.add(site);
  return hasher.digest();
}

}  // namespace

TileEnvelope::TileEnvelope(std::string_view site, std::string_view secret)
    : site_(name_of(site)), mac_key_(mac_key(secret)) {}

// All but the MAC, which is zero.
TileEnvelope::Header TileEnvelope::unsigned_header(const Digest& key, ByteSpan tile) const {
  Header header{};
  std::uint8_t* out = std::copy(std::begin(kMagic), std::end(kMagic), header.data());
  out = put(out, kVersion);
  out = put(out, site_);
  out = put(out, key);
  out = put(out, std::uint64_t{tile.size()});
  put(out, XXH3_64bits(tile.data(), tile.size()));
  return header;
}

Mac TileEnvelope::mac(const Header& header, ByteSpan tile) const {
  SipHash hash(mac_key_);
  hash.add(ByteSpan(header).first(kMacAt));
  hash.add(tile);
  return hash.finish();
}

TileEnvelope::Header TileEnvelope::seal(const Digest& key, ByteSpan tile) const {
  Header header = unsigned_header(key, tile);
  std::ranges::copy(mac(header, tile), header.data() + kMacAt);
  return header;
}

std::optional<Bytes> TileEnvelope::open(const Digest& key, ByteSpan value) const {
  if (value.size() < kHeaderSize) return std::nullopt;
  const ByteSpan tile = value.subspan(kHeaderSize);
  // What the header should be, compared with what it is; the MAC, which costs most, comes last.
  const Header expected = unsigned_header(key, tile);
  if (!std::ranges::equal(ByteSpan(expected).first(kMacAt), value.first(kMacAt))) {
    return std::nullopt;
  }
  Mac found;
  std::ranges::copy(value.subspan(kMacAt, found.size()), found.data());
  if (!same_mac(found, mac(expected, tile))) return std::nullopt;
  return Bytes(ByteVector(tile.begin(), tile.end()));
}

}  // namespace iip
