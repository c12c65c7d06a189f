#include "engine/formats/metadata/photoshop_resources.h"

#include <algorithm>
#include <array>

namespace iip {

namespace {

constexpr std::array<std::uint8_t, 4> kSignature{'8', 'B', 'I', 'M'};

std::size_t even(std::size_t size) { return size + size % 2; }

}  // namespace

// Each block: signature, number, a name (its length in the first byte) and the length of the data,
// then the data; name and data are filled up to an even number of bytes.
ByteSpan photoshop_resource(ByteSpan resources, std::uint16_t id) {
  while (resources.size() > 6 &&
         std::equal(kSignature.begin(), kSignature.end(), resources.begin())) {
    const int number = resources[4] << 8 | resources[5];
    const std::size_t data_at = 6 + even(1 + std::size_t{resources[6]}) + 4;
    if (data_at > resources.size()) return {};
    std::size_t length = 0;
    for (std::size_t i = data_at - 4; i < data_at; ++i) length = length << 8U | resources[i];
    resources = resources.subspan(data_at);
    if (length > resources.size()) return {};
    if (number == id) return resources.first(length);
    resources = resources.subspan(std::min(even(length), resources.size()));
  }
  return {};
}

}  // namespace iip
