#include "engine/base/derived_data_cache.h"

#include <chrono>
#include <utility>

namespace iip {

namespace {
constexpr std::chrono::milliseconds kPatience{20};
}

std::size_t DerivedDataCache::KeyHash::operator()(const Key& key) const {
  // An odd factor spreads neighbouring numbers; the address does not lie in their bits.
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15U;
  const auto owner = static_cast<std::uint64_t>(std::hash<const KeptTag*>{}(key.owner));
  return static_cast<std::size_t>((owner ^ key.number) * kSpread);
}

DerivedDataCache::DerivedDataCache(MemoryPool& pool, std::uint64_t limit)
    : pool_(pool), limit_(limit) {
  pool_.add_reclaimer(*this);
}

DerivedDataCache::~DerivedDataCache() { pool_.remove_reclaimer(*this); }

Result<std::shared_ptr<const Kept>> DerivedDataCache::find_or_claim(const KeptName& name,
                                                                    const Deadline& deadline) {
  const Key key = key_of(name);
  MutexLock lock(mutex_);
  for (;;) {
    const auto found = index_.find(key);
    // The address of an owner that is gone may be given out again.
    const bool is_ours = found != index_.end() && found->second->owner.lock() == name.owner;
    if (!is_ours) break;
    if (found->second->kept) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->kept;
    }
    made_.wait_for(lock, kPatience);
    if (Status in_time = deadline.check(); !in_time) return pass_on(in_time);
  }
  if (const auto stale = index_.find(key); stale != index_.end()) {
    bytes_ -= stale->second->bytes;
    entries_.erase(stale->second);
    index_.erase(stale);
  }
  Entries entry;  // in no list yet, should the index find no memory
  entry.push_front({key, name.owner, nullptr, 0});
  index_.emplace(key, entry.begin());
  entries_.splice(entries_.begin(), entry);
  return nullptr;
}

void DerivedDataCache::keep(const KeptName& name, std::shared_ptr<const Kept> kept) {
  std::vector<std::shared_ptr<const Kept>> evicted;  // destroyed after the lock is released
  const MutexLock lock(mutex_);
  Entry& entry = *index_.at(key_of(name));
  entry.bytes = kept->bytes();
  entry.kept = std::move(kept);
  bytes_ += entry.bytes;
  if (bytes_ > limit_) evicted = evict(bytes_ - limit_);
}

void DerivedDataCache::give_up(const KeptName& name) {
  {
    const MutexLock lock(mutex_);
    const auto found = index_.find(key_of(name));
    if (found != index_.end() && !found->second->kept) {
      entries_.erase(found->second);
      index_.erase(found);
    }
  }
  made_.notify_all();
}

std::vector<std::shared_ptr<const Kept>> DerivedDataCache::evict(std::uint64_t bytes) {
  std::vector<std::shared_ptr<const Kept>> evicted;
  evicted.reserve(entries_.size());  // before anything is changed: memory may be short
  std::uint64_t moved = 0;
  for (auto at = entries_.end(); at != entries_.begin() && moved < bytes;) {
    --at;
    if (!at->kept) continue;
    moved += at->bytes;
    bytes_ -= at->bytes;
    evicted.push_back(std::move(at->kept));
    index_.erase(at->key);
    at = entries_.erase(at);
  }
  return evicted;
}

bool DerivedDataCache::reclaim(std::uint64_t bytes) {
  std::vector<std::shared_ptr<const Kept>> evicted;
  const MutexLock lock(mutex_);
  evicted = evict(bytes);
  return !evicted.empty();
}

std::uint64_t DerivedDataCache::bytes() const {
  const MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace iip
