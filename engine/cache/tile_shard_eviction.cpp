// The queues of a shard, and who leaves when space is needed. S3-FIFO (Yang et al., "FIFO queues
// are all you need for cache eviction", 2023), with a pair of queues for each client.
#include <algorithm>

#include "engine/cache/tile_shard.h"

namespace iip {
namespace {

// The part of a client's space that new entries pass through, as 1/n.
constexpr std::uint64_t kProbationShare = 10;

std::uint64_t segments_of(const ClientRecord& client) {
  return std::uint64_t{client.probation.segments} + client.main.segments;
}

}  // namespace

QueueRecord& LockedShard::queue_of(const EntryRecord& entry) const {
  ClientRecord& client = shard_.clients[entry.client];
  return entry.queue == QueueName::main ? client.main : client.probation;
}

void LockedShard::enqueue(std::uint32_t number, QueueName name) {
  EntryRecord& entry = shard_.entries[number];
  entry.queue = name;
  QueueRecord& queue = queue_of(entry);
  entry.newer = kNone;
  entry.older = queue.newest;
  if (queue.newest == kNone) {
    queue.oldest = number;
  } else if (EntryRecord* next = entry_at(queue.newest)) {
    next->newer = number;
  }
  queue.newest = number;
  queue.segments += geometry_.segments_for(entry.size);
}

void LockedShard::unqueue(std::uint32_t number) {
  const EntryRecord& entry = shard_.entries[number];
  QueueRecord& queue = queue_of(entry);
  const std::uint32_t count = geometry_.segments_for(entry.size);
  // Each neighbour must know the entry, and the ends of the queue must.
  const auto links_here = [&](std::uint32_t neighbour, std::uint32_t EntryRecord::*link,
                              std::uint32_t end) {
    if (neighbour == kNone) return end == number;
    const EntryRecord* record = entry_at(neighbour);
    return record != nullptr && record->*link == number;
  };
  if (!links_here(entry.newer, &EntryRecord::older, queue.newest) ||
      !links_here(entry.older, &EntryRecord::newer, queue.oldest) || count > queue.segments) {
    damaged_ = true;
    return;
  }
  (entry.newer == kNone ? queue.newest : shard_.entries[entry.newer].older) = entry.older;
  (entry.older == kNone ? queue.oldest : shard_.entries[entry.older].newer) = entry.newer;
  queue.segments -= count;
}

bool LockedShard::make_room(std::uint32_t segments, std::uint32_t client) {
  const ShardHead& head = shard_.head;
  // A step drops an entry, moves it to the main queue, or lowers its frequency there.
  const std::uint64_t most_steps = std::uint64_t{geometry_.entries} * (kMostFrequency + 2) + 1;
  for (std::uint64_t step = 0; step < most_steps; ++step) {
    if (damaged_) return false;
    if (head.free_segments > shard_.segments.count()) break;
    if (head.free_segments >= segments && head.free_entry != kNone) return true;
    evict_step(richest_client(client));
  }
  damaged_ = true;
  return false;
}

// The client that holds most; of several the one that stores.
std::uint32_t LockedShard::richest_client(std::uint32_t storing) const {
  std::uint32_t richest = storing;
  for (std::uint32_t i = 0; i < shard_.clients.size(); ++i) {
    if (segments_of(shard_.clients[i]) > segments_of(shard_.clients[richest])) richest = i;
  }
  return richest;
}

void LockedShard::evict_step(std::uint32_t client) {
  ClientRecord& owner = shard_.clients[client];
  const bool from_probation = owner.main.oldest == kNone ||
                              (owner.probation.oldest != kNone &&
                               owner.probation.segments * kProbationShare >= segments_of(owner));
  const QueueName name = from_probation ? QueueName::probation : QueueName::main;
  const std::uint32_t number = (from_probation ? owner.probation : owner.main).oldest;
  EntryRecord* entry = entry_at(number);
  if (entry == nullptr || entry->client != client || entry->queue != name) {
    damaged_ = true;
    return;
  }

  if (entry->frequency > 0) {
    const std::uint8_t frequency = std::min(entry->frequency, kMostFrequency);
    unqueue(number);
    entry->frequency = from_probation ? 0 : static_cast<std::uint8_t>(frequency - 1);
    if (!damaged_) enqueue(number, QueueName::main);
    return;
  }
  if (from_probation && entry->state == EntryState::published)
    ghosts_.add(geometry_.place(entry->key));
  ++owner.evictions;
  release(number);
}

}  // namespace iip
