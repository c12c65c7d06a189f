// HostState: what all processes of one httpd share, in one block of memory: counters of the work of
// each virtual host, purges, who makes which picture, who renders, and the tile cache.
//
//   header with the secret | WorkCounters and MemcachedCounters, one a client | HelperCounters |
//   PurgeEpochs | CrossProcessSingleFlight | AdmissionTable | tile cache
//
// A HostState is a small view of a block; it owns nothing and may be copied. The block must outlive
// it and start at a multiple of 64; its end is where the tile cache ends. Everything in it is
// addressed by number, so that each process may map it anywhere. Thread-safe, and safe between
// processes, as its parts are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/hash.h"
#include "engine/base/result.h"
#include "engine/cache/cross_process_single_flight.h"
#include "engine/cache/purge_epochs.h"
#include "engine/cache/tile_cache.h"
#include "engine/confined/helper_counters.h"
#include "engine/remote/memcached_counters.h"
#include "engine/service/admission.h"
#include "engine/service/work_counters.h"

namespace iip {

struct HostLayout {
  static constexpr std::uint64_t kDefaultCache = std::uint64_t{64} << 20U;

  std::uint64_t cache_bytes = kDefaultCache;  // of the tile cache; 0: there is none
  std::uint32_t clients = 64;                 // virtual hosts that are counted apart
  std::uint64_t seed = 0;                     // a random one, see TileCacheLayout
};

class HostState {
 public:
  static std::size_t block_size(const HostLayout& layout);

  // Formats the block, all counters zero. Nobody else may use it meanwhile.
  static Result<HostState> create(std::span<std::byte> block, const HostLayout& layout);

  // Joins a block that create() formatted with the same layout (the seed may differ), with its
  // content. Fails where it was formatted by another version, otherwise, or never to the end.
  static Result<HostState> attach(std::span<std::byte> block, const HostLayout& layout);

  // Numbers from the layout's `clients` up share, as in the tile cache.
  WorkCounters& work(CacheClient client) const {
    return work_[static_cast<std::size_t>(client) % work_.size()];
  }
  std::span<WorkCounters> work() const { return work_; }
  MemcachedCounters& memcached(CacheClient client) const {
    return memcached_[static_cast<std::size_t>(client) % memcached_.size()];
  }
  // The counters of `client` are `owner`'s from now on, and start again at zero.
  void give_to(CacheClient client, std::uint64_t owner) const;
  HelperCounters& helpers() const { return *helpers_; }
  PurgeEpochs& purges() const { return *purges_; }
  const CrossProcessSingleFlight& flights() const { return flights_; }
  AdmissionTable& admission() const { return *admission_; }
  // Random, of this block alone, as long as it is there. Never told to anybody.
  const HashKey& secret() const { return secret_; }
  // nullptr: there is none.
  TileCache* tiles() { return tiles_ ? &*tiles_ : nullptr; }

 private:
  HostState() = default;
  static HostState view(std::span<std::byte> block, const HostLayout& layout);

  HashKey secret_{};
  std::span<WorkCounters> work_;
  std::span<MemcachedCounters> memcached_;
  HelperCounters* helpers_ = nullptr;
  PurgeEpochs* purges_ = nullptr;
  CrossProcessSingleFlight flights_;
  AdmissionTable* admission_ = nullptr;
  std::optional<TileCache> tiles_;
};

}  // namespace iip
