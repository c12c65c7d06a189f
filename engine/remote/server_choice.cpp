#include "engine/remote/server_choice.h"

#include "engine/base/xxh3.h"

namespace iip {

ServerChoice::ServerChoice(std::span<const std::string> names) {
  seeds_.reserve(names.size());
  for (const std::string& name : names) seeds_.push_back(XXH3_64bits(name.data(), name.size()));
}

// Over the digits, so that machines of either byte order agree.
std::uint64_t ServerChoice::score_of(const Digest& key, std::uint64_t seed) {
  const auto digits = key.hex();
  return XXH3_64bits_withSeed(digits.data(), digits.size(), seed);
}

}  // namespace iip
