// ServerChoice: which server of a cluster keeps a key, by rendezvous hashing.
//
// Every server has a score for the key, a hash of both, and the highest one keeps it (Thaler and
// Ravishankar, "Using name-based mappings to increase hit rates"). So each of n servers gets 1/n of
// the keys; one more server takes its share of each and moves nothing else; one that is gone leaves
// its share to all the others evenly. Every machine that knows the same names chooses alike, in
// whatever order it was told them.
//
// Immutable; any thread may use it. The cost is one short hash a server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/hash.h"

namespace iip {

class ServerChoice {
 public:
  explicit ServerChoice(std::span<const std::string> names);

  // The place in `names` of the best server among those for which `usable(place)` holds.
  template <class Usable>
  std::optional<std::size_t> choose(const Digest& key, Usable usable) const {
    std::optional<std::size_t> best;
    std::uint64_t best_score = 0;
    for (std::size_t i = 0; i < seeds_.size(); ++i) {
      if (!usable(i)) continue;
      const std::uint64_t score = score_of(key, seeds_[i]);
      if (best && score <= best_score) continue;
      best = i;
      best_score = score;
    }
    return best;
  }

 private:
  static std::uint64_t score_of(const Digest& key, std::uint64_t seed);

  std::vector<std::uint64_t> seeds_;  // one a server, from its name
};

}  // namespace iip
