// OpenImageCache: the images that this process knows, so that a file's directories are read once
// per version and not once per request.
//
// Found by the file's version (device, inode, size, times), so that a replaced file is a new image,
// and by its purge epoch (purge_epochs.h); old entries age out. Bounded by count and by bytes, the
// least recently used leave first. Thread-safe; no lock is held while a file is read, so two
// threads may open the same new file at once (one result is kept). Failures are not kept.
//
// Images count what they keep in the MemoryPool themselves, as long as anybody uses them. Where
// memory of the pool is wanted, those that hold much leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/file.h"
#include "engine/base/mutex.h"
#include "engine/base/xxh3.h"

namespace iip {

struct OpenImageKey {
  FileVersion version;
  std::uint64_t epoch = 0;
  std::size_t page = 0;  // of the file's stack
  friend bool operator==(const OpenImageKey&, const OpenImageKey&) = default;
};

struct OpenImageCacheLimits {
  std::size_t images = 0;
  std::uint64_t bytes = std::uint64_t{256} << 20U;
};

// `Image` has `std::uint64_t kept_bytes() const`, which takes next to no time and may change.
template <class Image>
class OpenImageCache : public MemoryReclaimer {
 public:
  using Pointer = std::shared_ptr<const Image>;

  // Registers with the pool, which must outlive this.
  OpenImageCache(MemoryPool& pool, const OpenImageCacheLimits& limits)
      : pool_(pool), limits_(limits) {
    pool_.add_reclaimer(*this);
  }
  OpenImageCache(const OpenImageCache&) = delete;
  OpenImageCache& operator=(const OpenImageCache&) = delete;
  ~OpenImageCache() override { pool_.remove_reclaimer(*this); }

  // The known image, or what `open()`, which returns Result<Pointer>, gives. That is kept if
  // `may_keep()`, asked after it, says so.
  template <class Open, class MayKeep>
  auto find_or_open(const OpenImageKey& key, Open open, MayKeep may_keep) -> decltype(open()) {
    if (Pointer known = find(key)) return known;
    auto opened = open();
    if (opened && may_keep()) keep(key, *opened);
    return opened;
  }

  // The known image, or nullptr.
  Pointer find(const OpenImageKey& key) {
    std::vector<Pointer> evicted;  // destroyed after the lock is released
    const MutexLock lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    recount(entries_.front());
    shrink(evicted);
    return entries_.front().image;
  }

  std::size_t size() const {
    const MutexLock lock(mutex_);
    return entries_.size();
  }
  // The bytes that all known images keep.
  std::uint64_t bytes() const {
    const MutexLock lock(mutex_);
    return bytes_;
  }

  // Small images stay: the little that they hold is not worth reading them again.
  bool reclaim(std::uint64_t bytes) override {
    std::vector<Pointer> evicted;  // destroyed after the lock is released
    const MutexLock lock(mutex_);
    std::uint64_t moved = 0;
    for (auto at = entries_.end(); at != entries_.begin() && moved < bytes;) {
      --at;
      recount(*at);
      if (at->bytes < kWorthwhile) continue;
      moved += at->bytes;
      at = evict(at, evicted);
    }
    return !evicted.empty();
  }

 private:
  struct KeyHash {
    std::size_t operator()(const OpenImageKey& key) const {
      const FileVersion& file = key.version;
      const std::uint64_t words[] = {file.device,
                                     file.inode,
                                     file.size,
                                     static_cast<std::uint64_t>(file.mtime_ns),
                                     static_cast<std::uint64_t>(file.ctime_ns),
                                     key.epoch,
                                     key.page};
      return static_cast<std::size_t>(XXH3_64bits(words, sizeof words));
    }
  };
  struct Entry {
    OpenImageKey key;
    Pointer image;
    std::uint64_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  static constexpr std::uint64_t kWorthwhile = std::uint64_t{64} << 10U;

  void keep(const OpenImageKey& key, const Pointer& image) {
    const std::uint64_t bytes = image->kept_bytes();
    if (limits_.images == 0 || bytes > limits_.bytes) return;
    std::vector<Pointer> evicted;  // destroyed after the lock is released
    const MutexLock lock(mutex_);
    if (index_.contains(key)) return;
    entries_.push_front({key, image, bytes});
    index_.emplace(key, entries_.begin());
    bytes_ += bytes;
    shrink(evicted);
  }

  // An image may hold more than when it was last looked at, or less.
  void recount(Entry& entry) IIP_REQUIRES(mutex_) {
    const std::uint64_t bytes = entry.image->kept_bytes();
    bytes_ += bytes - entry.bytes;  // modulo 2^64
    entry.bytes = bytes;
  }

  // Evicts the oldest beyond the limits. The entry in front stays.
  void shrink(std::vector<Pointer>& evicted) IIP_REQUIRES(mutex_) {
    while (entries_.size() > 1 && (entries_.size() > limits_.images || bytes_ > limits_.bytes)) {
      evict(std::prev(entries_.end()), evicted);
    }
  }

  // Gives the entry behind it.
  typename Entries::iterator evict(typename Entries::iterator entry, std::vector<Pointer>& evicted)
      IIP_REQUIRES(mutex_) {
    evicted.push_back(std::move(entry->image));
    bytes_ -= entry->bytes;
    index_.erase(entry->key);
    return entries_.erase(entry);
  }

  MemoryPool& pool_;
  const OpenImageCacheLimits limits_;
  mutable Mutex mutex_;
  std::uint64_t bytes_ IIP_GUARDED_BY(mutex_) = 0;
  Entries entries_ IIP_GUARDED_BY(mutex_);  // most recently used first
  std::unordered_map<OpenImageKey, typename Entries::iterator, KeyHash> index_
      IIP_GUARDED_BY(mutex_);
};

}  // namespace iip
