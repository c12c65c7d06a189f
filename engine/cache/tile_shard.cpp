#include "engine/cache/tile_shard.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <new>

namespace iip {
namespace {

// Sections take microseconds: who waits longer waits for a process that is stopped.
constexpr std::chrono::milliseconds kPatience{50};

void note_asked_for(EntryRecord& entry) {
  if (entry.frequency < kMostFrequency) ++entry.frequency;
}

template <class Record>
std::span<Record> table(std::byte* start, std::size_t count) {
  return {std::launder(reinterpret_cast<Record*>(start)), count};
}

}  // namespace

TileShard TileShard::at(std::span<std::byte> block, const BlockGeometry& geometry,
                        std::uint32_t number) {
  std::byte* start = block.data() + geometry.shard_at(number);
  return {*std::launder(reinterpret_cast<ShardHead*>(start)),
          table<ClientRecord>(start + geometry.clients_at, geometry.layout.clients),
          table<std::uint32_t>(start + geometry.index_at, geometry.entries),
          table<EntryRecord>(start + geometry.entries_at, geometry.entries),
          table<GhostSlot>(start + geometry.ghosts_at, geometry.ghosts),
          SegmentSpace(table<SegmentRecord>(start + geometry.records_at, geometry.segments),
                       start + geometry.segments_at, geometry.layout.segment_bytes)};
}

bool TileShard::format() const {
  new (&head) ShardHead{};
  std::fill(clients.begin(), clients.end(), ClientRecord{});
  std::fill(ghosts.begin(), ghosts.end(), GhostSlot{});
  return head.mutex.init();
}

LockedShard::LockedShard(const TileShard& shard, const BlockGeometry& geometry,
                         TileCacheProbe* probe)
    : shard_(shard),
      geometry_(geometry),
      probe_(probe),
      ghosts_(shard.ghosts, shard.head.ghost_clock) {
  const RobustMutex::Outcome outcome = shard_.head.mutex.lock(kPatience);
  if (outcome == RobustMutex::Outcome::unavailable) {
    std::atomic_ref(shard_.head.refusals).fetch_add(1, std::memory_order_relaxed);
    return;
  }
  ok_ = true;
  if (outcome == RobustMutex::Outcome::owner_died) {
    ++shard_.head.dead_owners;
    empty();
  }
  reached(TileCacheMoment::locked);
}

LockedShard::~LockedShard() {
  if (!ok_) return;
  if (damaged_) {
    ++shard_.head.damages;
    empty();
  }
  reached(TileCacheMoment::unlocking);
  shard_.head.mutex.unlock();
}

std::optional<Lease> LockedShard::look_up(const Digest& key, std::uint32_t client) {
  const std::uint32_t number = find(key);
  EntryRecord* entry = number == kNone ? nullptr : entry_at(number);
  if (entry != nullptr && geometry_.segments_for(entry->size) == kNone) damaged_ = true;
  if (entry == nullptr || damaged_) {
    ++shard_.clients[client].misses;
    return std::nullopt;
  }
  note_asked_for(*entry);
  return Lease{number, entry->generation, entry->checksum, entry->size, entry->first_segment};
}

bool LockedShard::confirm(const Lease& lease, bool whole, std::uint32_t client) {
  ClientRecord& counts = shard_.clients[client];
  const bool same = leased(lease, EntryState::published) != nullptr;
  if (same && whole) {
    ++counts.hits;
    return true;
  }
  ++counts.misses;
  if (same) {
    ++counts.bad_checksums;
    release(lease.entry);
  }
  return false;
}

bool LockedShard::holds(const TileOffer& offer) {
  const std::uint32_t number = find(offer.key);
  EntryRecord* entry = number == kNone ? nullptr : entry_at(number);
  if (entry == nullptr || entry->checksum != offer.checksum || entry->size != offer.size)
    return false;
  note_asked_for(*entry);
  return true;
}

std::optional<Lease> LockedShard::reserve(const TileOffer& offer) {
  const std::uint32_t count = geometry_.segments_for(offer.size);
  if (count == kNone || !make_room(count, offer.client)) return std::nullopt;
  ShardHead& head = shard_.head;
  const std::uint32_t number = head.free_entry;
  EntryRecord* entry = entry_at(number);
  if (entry == nullptr || entry->state != EntryState::unused) {
    damaged_ = true;
    return std::nullopt;
  }
  const auto first = shard_.segments.take(head.free_segment, count, number);
  if (!first) {
    damaged_ = true;
    return std::nullopt;
  }
  head.free_segments -= count;
  head.free_entry = entry->older;
  ++head.used_entries;
  reached(TileCacheMoment::segments_taken);

  *entry = {};
  entry->key = offer.key;
  entry->checksum = offer.checksum;
  entry->generation = ++head.generation;
  entry->size = offer.size;
  entry->first_segment = *first;
  entry->next_in_bucket = kNone;
  entry->client = static_cast<std::uint16_t>(offer.client);
  entry->state = EntryState::filling;
  const bool returned = ghosts_.take(geometry_.place(offer.key), head.used_entries);
  enqueue(number, returned ? QueueName::main : QueueName::probation);
  return Lease{number, entry->generation, entry->checksum, entry->size, entry->first_segment};
}

bool LockedShard::publish(const Lease& lease, std::uint32_t client) {
  EntryRecord* entry = leased(lease, EntryState::filling);
  if (entry == nullptr) return false;
  const std::uint32_t former = find(entry->key);
  if (former != kNone) release(former);
  if (damaged_) return false;
  enter_in_index(lease.entry);
  reached(TileCacheMoment::indexed);
  entry->state = EntryState::published;
  ClientRecord& owner = shard_.clients[client];
  ++owner.stores;
  ++owner.entries;
  owner.bytes += entry->size;
  return true;
}

void LockedShard::abandon(const Lease& lease) {
  if (leased(lease, EntryState::filling) != nullptr) release(lease.entry);
}

void LockedShard::remove(const Digest& key) {
  const std::uint32_t number = find(key);
  if (number != kNone) release(number);
}

void LockedShard::clear() { empty(); }

void LockedShard::add_counters(TileCacheCounters& sum) const {
  sum.dead_owners += shard_.head.dead_owners;
  sum.damages += shard_.head.damages;
  for (std::size_t i = 0; i < shard_.clients.size(); ++i) {
    const ClientRecord& client = shard_.clients[i];
    const std::uint64_t segments = std::uint64_t{client.probation.segments} + client.main.segments;
    sum.clients[i] +=
        {client.hits,      client.misses,   client.stores,
         client.evictions, client.rejected, client.bad_checksums,
         client.entries,   client.bytes,    segments * geometry_.layout.segment_bytes};
  }
}

EntryRecord* LockedShard::entry_at(std::uint32_t number) {
  if (number < shard_.entries.size()) return &shard_.entries[number];
  damaged_ = true;
  return nullptr;
}

EntryRecord* LockedShard::leased(const Lease& lease, EntryState state) {
  EntryRecord& entry = shard_.entries[lease.entry];
  return entry.generation == lease.generation && entry.state == state ? &entry : nullptr;
}

std::uint32_t LockedShard::find(const Digest& key) {
  std::uint32_t number = shard_.index[geometry_.place(key).bucket];
  for (std::size_t seen = 0; number != kNone; ++seen) {
    const EntryRecord* entry = entry_at(number);
    if (entry == nullptr || entry->state != EntryState::published || seen == geometry_.entries) {
      damaged_ = true;
      return kNone;
    }
    if (entry->key == key) return number;
    number = entry->next_in_bucket;
  }
  return kNone;
}

void LockedShard::enter_in_index(std::uint32_t number) {
  EntryRecord& entry = shard_.entries[number];
  std::uint32_t& first = shard_.index[geometry_.place(entry.key).bucket];
  entry.next_in_bucket = first;
  first = number;
}

void LockedShard::strike_from_index(std::uint32_t number) {
  const EntryRecord& entry = shard_.entries[number];
  std::uint32_t* link = &shard_.index[geometry_.place(entry.key).bucket];
  for (std::size_t seen = 0; seen < geometry_.entries && *link != number; ++seen) {
    EntryRecord* other = entry_at(*link);
    if (other == nullptr) return;
    link = &other->next_in_bucket;
  }
  if (*link == number) {
    *link = entry.next_in_bucket;
  } else {
    damaged_ = true;
  }
}

void LockedShard::release(std::uint32_t number) {
  EntryRecord* entry = entry_at(number);
  if (entry == nullptr || entry->state == EntryState::unused ||
      entry->client >= shard_.clients.size()) {
    damaged_ = true;
    return;
  }
  if (entry->state == EntryState::published) {
    strike_from_index(number);
    ClientRecord& owner = shard_.clients[entry->client];
    if (owner.entries == 0 || owner.bytes < entry->size) damaged_ = true;
    --owner.entries;
    owner.bytes -= entry->size;
  }
  reached(TileCacheMoment::unlinked);
  unqueue(number);
  const std::uint32_t count = geometry_.segments_for(entry->size);
  ShardHead& head = shard_.head;
  if (damaged_ || count == kNone ||
      !shard_.segments.give_back(head.free_segment, entry->first_segment, count, number)) {
    damaged_ = true;
    return;
  }
  head.free_segments += count;
  reached(TileCacheMoment::segments_freed);
  *entry = {};
  entry->older = head.free_entry;
  head.free_entry = number;
  --head.used_entries;
}

void LockedShard::empty() {
  ShardHead& head = shard_.head;
  std::fill(shard_.index.begin(), shard_.index.end(), kNone);
  for (std::uint32_t i = 0; i < shard_.entries.size(); ++i) {
    shard_.entries[i] = {};
    shard_.entries[i].older = i + 1 < shard_.entries.size() ? i + 1 : kNone;
  }
  head.free_entry = 0;
  head.used_entries = 0;
  reached(TileCacheMoment::resetting);
  shard_.segments.reset();
  head.free_segment = 0;
  head.free_segments = shard_.segments.count();
  for (ClientRecord& client : shard_.clients) {
    client.probation = {kNone, kNone, 0};
    client.main = {kNone, kNone, 0};
    client.entries = 0;
    client.bytes = 0;
  }
  damaged_ = false;
}

}  // namespace iip
