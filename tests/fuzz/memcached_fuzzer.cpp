// What a memcached server says, in pieces of the size that the first byte gives: the readers of its
// replies, and the envelope of the value.
//
// Nothing crashes or grows beyond the limit; a reply that is taken is exactly the reply that the
// value belongs to; a value that opens is exactly what seal() makes of the tile in it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/cache/memcached_protocol.h"
#include "engine/cache/tile_envelope.h"

namespace {

constexpr std::size_t kLargest = 4096;
constexpr std::string_view kKey = "iip:k";

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

// The bytes that the reader took, and what it made of them.
template <class Reader>
iip::Reply feed(Reader& reader, iip::ByteSpan said, std::size_t piece, std::string& taken) {
  auto state = iip::Reply::more;
  while (state == iip::Reply::more && !said.empty()) {
    const auto space = reader.space();
    require(!space.empty(), "the reader asks for more and has no room");
    require(taken.size() + space.size() <= 4 * kLargest + 16384, "the reader grows");
    const std::size_t count = std::min({piece, said.size(), space.size()});
    std::copy_n(said.begin(), count, space.begin());
    taken.append(said.begin(), said.begin() + static_cast<std::ptrdiff_t>(count));
    said = said.subspan(count);
    state = reader.took(count);
  }
  return state;
}

void check_get(iip::ByteSpan said, std::size_t piece) {
  iip::GetReply reader(kKey, kLargest);
  std::string taken;
  const iip::Reply state = feed(reader, said, piece, taken);
  if (state == iip::Reply::miss) require(taken == "END\r\n", "a miss that is none");
  if (state != iip::Reply::value) return;
  const std::string value(reader.value().begin(), reader.value().end());
  const std::string before = "VALUE " + std::string(kKey) + " ";
  const std::string behind = "\r\n" + value + "\r\nEND\r\n";
  require(taken.starts_with(before) && taken.ends_with(behind), "a value that is none");
  require(value.size() <= kLargest, "a value over the limit");
  const std::string numbers =
      taken.substr(before.size(), taken.size() - behind.size() - before.size());
  const auto space = numbers.find(' ');
  require(space != std::string::npos, "a value without a size");
  require(std::stoul(numbers.substr(space + 1)) == value.size(), "a value of another size");
}

void check_set(iip::ByteSpan said, std::size_t piece) {
  iip::SetReply reader;
  std::string taken;
  const iip::Reply state = feed(reader, said, piece, taken);
  if (state == iip::Reply::stored) require(taken == "STORED\r\n", "stored, and it was not said");
}

void check_envelope(iip::ByteSpan value) {
  const iip::TileEnvelope envelope("site", "");
  const iip::Digest key{1, 2};
  const auto tile = envelope.open(key, value);
  if (!tile) return;
  const auto header = envelope.seal(key, tile->head, tile->body.span());
  iip::ByteVector sealed(header.begin(), header.end());
  sealed.insert(sealed.end(), tile->head.begin(), tile->head.end());
  sealed.insert(sealed.end(), tile->body.span().begin(), tile->body.span().end());
  require(std::ranges::equal(sealed, value), "opens what seal() does not make");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const iip::ByteSpan said(data + 1, size - 1);
  const std::size_t piece = std::size_t{data[0]} + 1;
  check_get(said, piece);
  check_set(said, piece);
  check_envelope(said);
  return 0;
}
