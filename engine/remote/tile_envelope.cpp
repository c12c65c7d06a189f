#include "engine/remote/tile_envelope.h"

#include <algorithm>

#include "engine/base/xxh3.h"

namespace iip {

namespace {

constexpr std::uint8_t kMagic[] = {'I', 'I', 'P', 'T'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeadLengthAt = 40;
constexpr std::size_t kBodyLengthAt = 44;
constexpr std::size_t kMacAt = 56;

template <class Word>
std::uint8_t* put(std::uint8_t* out, Word word) {
  for (unsigned i = 0; i < sizeof word; ++i) *out++ = static_cast<std::uint8_t>(word >> (8 * i));
  return out;
}

std::uint8_t* put(std::uint8_t* out, const Digest& digest) {
  return put(put(out, digest.high), digest.low);
}

std::size_t length_at(ByteSpan value, std::size_t at) {
  std::uint32_t length = 0;
  for (unsigned i = 0; i < 4; ++i) length |= std::uint32_t{value[at + i]} << (8 * i);
  return length;
}

Digest name_of(std::string_view site) {
  Hasher hasher;
  hasher.add(site);
  return hasher.digest();
}

std::uint64_t checksum(ByteSpan head, ByteSpan body) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, head.data(), head.size());
  XXH3_64bits_update(&state, body.data(), body.size());
  return XXH3_64bits_digest(&state);
}

}  // namespace

TileEnvelope::TileEnvelope(std::string_view site, std::string_view secret)
    : site_(name_of(site)), mac_key_(mac_key(secret)) {}

// All but the MAC, which is zero.
TileEnvelope::Header TileEnvelope::unsigned_header(const Digest& key, ByteSpan head,
                                                   ByteSpan body) const {
  Header header{};
  std::uint8_t* out = std::copy(std::begin(kMagic), std::end(kMagic), header.data());
  out = put(out, kVersion);
  out = put(out, site_);
  out = put(out, key);
  out = put(out, static_cast<std::uint32_t>(head.size()));
  out = put(out, static_cast<std::uint32_t>(body.size()));
  put(out, checksum(head, body));
  return header;
}

Mac TileEnvelope::mac(const Header& header, ByteSpan head, ByteSpan body) const {
  SipHash hash(mac_key_);
  hash.add(ByteSpan(header).first(kMacAt));
  hash.add(head);
  hash.add(body);
  return hash.finish();
}

TileEnvelope::Header TileEnvelope::seal(const Digest& key, ByteSpan head, ByteSpan body) const {
  Header header = unsigned_header(key, head, body);
  std::ranges::copy(mac(header, head, body), header.data() + kMacAt);
  return header;
}

std::optional<CachedTile> TileEnvelope::open(const Digest& key, ByteSpan value) const {
  if (value.size() < kHeaderSize) return std::nullopt;
  const std::size_t head_length = length_at(value, kHeadLengthAt);
  const std::size_t body_length = length_at(value, kBodyLengthAt);
  const ByteSpan tile = value.subspan(kHeaderSize);
  if (head_length > tile.size() || body_length != tile.size() - head_length) return std::nullopt;
  const ByteSpan head = tile.first(head_length);
  const ByteSpan body = tile.subspan(head_length);

  // What the header should be, compared with what it is; the MAC, which costs most, comes last.
  const Header expected = unsigned_header(key, head, body);
  if (!std::ranges::equal(ByteSpan(expected).first(kMacAt), value.first(kMacAt))) {
    return std::nullopt;
  }
  Mac found;
  std::ranges::copy(value.subspan(kMacAt, found.size()), found.data());
  if (!same_mac(found, mac(expected, head, body))) return std::nullopt;
  CachedTile opened;
  opened.head.assign(head.begin(), head.end());
  opened.body = Bytes(ByteVector(body.begin(), body.end()));
  return opened;
}

}  // namespace iip
