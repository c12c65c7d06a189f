#include "engine/service/host_state.h"

#include <sys/random.h>

#include <cerrno>
#include <memory>
#include <new>
#include <system_error>

namespace iip {
namespace {

// Raise it when anything in the block but the tile cache, which has its own, is laid out anew.
constexpr std::uint64_t kVersion = 6;
constexpr std::uint64_t kMagic = 0x696970686F737431;  // "iiphost1"
constexpr std::size_t kFlights = 2048;

struct StateHeader {
  std::uint64_t magic = 0;  // with the rest of the header, when all else is made
  std::uint64_t version = 0;
  std::uint64_t block_size = 0;
  std::uint64_t clients = 0;
  std::uint64_t cache_bytes = 0;
  HashKey secret{};
};

constexpr std::size_t round_up(std::size_t bytes) {
  return (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
}

struct Offsets {
  std::size_t work = 0;
  std::size_t memcached = 0;
  std::size_t helpers = 0;
  std::size_t purges = 0;
  std::size_t flights = 0;
  std::size_t admission = 0;
  std::size_t tiles = 0;
};

Offsets offsets_of(const HostLayout& layout) {
  Offsets at;
  at.work = round_up(sizeof(StateHeader));
  at.memcached = at.work + round_up(layout.clients * sizeof(WorkCounters));
  at.helpers = at.memcached + round_up(layout.clients * sizeof(MemcachedCounters));
  at.purges = at.helpers + round_up(sizeof(HelperCounters));
  at.flights = at.purges + round_up(sizeof(PurgeEpochs));
  at.admission = at.flights + round_up(kFlights * sizeof(CrossProcessSingleFlight::Slot));
  at.tiles = at.admission + round_up(sizeof(AdmissionTable));
  return at;
}

StateHeader header_of(const HostLayout& layout) {
  return {kMagic, kVersion, HostState::block_size(layout), layout.clients, layout.cache_bytes, {}};
}

// The system gives so few bytes whole or not at all.
Result<HashKey> random_key() {
  HashKey key{};
  ssize_t given = 0;
  do {
    given = getrandom(key.data(), key.size(), 0);
  } while (given < 0 && errno == EINTR);
  if (given == static_cast<ssize_t>(key.size())) return key;
  return fail(ErrorKind::internal, "The shared memory can not be used",
              "the system gives no random numbers: " + std::generic_category().message(errno));
}

TileCacheLayout cache_layout(const HostLayout& layout) {
  TileCacheLayout cache;
  cache.clients = layout.clients;
  cache.seed = layout.seed;
  return cache;
}

template <class T>
T* at(std::span<std::byte> block, std::size_t offset) {
  return std::launder(reinterpret_cast<T*>(block.data() + offset));
}

std::span<std::byte> cache_part(std::span<std::byte> block, const HostLayout& layout) {
  return block.subspan(offsets_of(layout).tiles);
}

Status check_block(std::span<std::byte> block, const HostLayout& layout) {
  const bool aligned = reinterpret_cast<std::uintptr_t>(block.data()) % kCacheLine == 0;
  if (aligned && block.size() == HostState::block_size(layout)) return {};
  return fail(ErrorKind::internal, "The shared memory can not be used",
              "a block of the wrong size or alignment");
}

}  // namespace

std::size_t HostState::block_size(const HostLayout& layout) {
  return offsets_of(layout).tiles + layout.cache_bytes;
}

HostState HostState::view(std::span<std::byte> block, const HostLayout& layout) {
  const Offsets offsets = offsets_of(layout);
  HostState state;
  state.secret_ = at<StateHeader>(block, 0)->secret;
  state.work_ = {at<WorkCounters>(block, offsets.work), layout.clients};
  state.memcached_ = {at<MemcachedCounters>(block, offsets.memcached), layout.clients};
  state.helpers_ = at<HelperCounters>(block, offsets.helpers);
  state.purges_ = at<PurgeEpochs>(block, offsets.purges);
  state.flights_ = CrossProcessSingleFlight(
      {at<CrossProcessSingleFlight::Slot>(block, offsets.flights), kFlights});
  state.admission_ = at<AdmissionTable>(block, offsets.admission);
  return state;
}

void HostState::give_to(CacheClient client, std::uint64_t owner) const {
  work(client).give_to(owner);
  memcached(client).reset();
}

Result<HostState> HostState::create(std::span<std::byte> block, const HostLayout& layout) {
  if (auto checked = check_block(block, layout); !checked) return pass_on(checked);
  auto secret = random_key();
  if (!secret) return pass_on(secret);
  choose_fastest_hash();
  auto* header = new (block.data()) StateHeader;
  header->secret = *secret;
  const Offsets offsets = offsets_of(layout);
  std::uninitialized_value_construct_n(reinterpret_cast<WorkCounters*>(block.data() + offsets.work),
                                       layout.clients);
  std::uninitialized_value_construct_n(
      reinterpret_cast<MemcachedCounters*>(block.data() + offsets.memcached), layout.clients);
  new (block.data() + offsets.helpers) HelperCounters{};
  new (block.data() + offsets.purges) PurgeEpochs{};
  std::uninitialized_value_construct_n(
      reinterpret_cast<CrossProcessSingleFlight::Slot*>(block.data() + offsets.flights), kFlights);
  new (block.data() + offsets.admission) AdmissionTable{};

  HostState state = view(block, layout);
  if (!state.flights_.format() || !state.admission_->format()) {
    return fail(ErrorKind::internal, "The shared memory can not be used",
                "the system gives no lock that processes can share");
  }
  if (layout.cache_bytes != 0) {
    auto tiles = TileCache::create(cache_part(block, layout), cache_layout(layout));
    if (!tiles) return pass_on(tiles);
    state.tiles_ = *tiles;
  }
  StateHeader complete = header_of(layout);
  complete.secret = *secret;
  *header = complete;
  return state;
}

Result<HostState> HostState::attach(std::span<std::byte> block, const HostLayout& layout) {
  if (auto checked = check_block(block, layout); !checked) return pass_on(checked);
  const StateHeader& header = *at<StateHeader>(block, 0);
  const StateHeader wanted = header_of(layout);
  if (header.magic != wanted.magic || header.version != wanted.version ||
      header.block_size != wanted.block_size || header.clients != wanted.clients ||
      header.cache_bytes != wanted.cache_bytes) {
    return fail(ErrorKind::internal, "The shared memory can not be used",
                "it was laid out otherwise");
  }
  choose_fastest_hash();
  HostState state = view(block, layout);
  if (layout.cache_bytes != 0) {
    auto tiles = TileCache::attach(cache_part(block, layout));
    if (!tiles) return pass_on(tiles);
    state.tiles_ = *tiles;
  }
  return state;
}

}  // namespace iip
