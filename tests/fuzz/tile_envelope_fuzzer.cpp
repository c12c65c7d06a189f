// What a memcached server gives for a value: the envelope of a tile, or anything else.
//
// Nothing crashes, and a value that opens is exactly what seal() makes of the tile in it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/remote/tile_envelope.h"

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check_envelope(iip::ByteSpan value) {
  const iip::TileEnvelope envelope("site", "");
  const iip::Digest key{1, 2};
  const auto tile = envelope.open(key, value);
  if (!tile) return;
  const auto header = envelope.seal(key, tile->span());
  iip::ByteVector sealed(header.begin(), header.end());
  sealed.insert(sealed.end(), tile->span().begin(), tile->span().end());
  require(std::ranges::equal(sealed, value), "opens what seal() does not make");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_envelope({data, size});
  return 0;
}
