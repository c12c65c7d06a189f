// OpenImages: the images that this process knows, so that a file's directories are read once per
// version and not once per request.
//
// Found by the file's version (device, inode, size, times), so that a replaced file is a new image,
// and by its purge epoch (purge_epochs.h); old entries age out. Bounded by count, the least
// recently used leave first. Thread-safe; no lock is held while a file is read, so two threads may
// open the same new file at once (one result is kept). Failures are not kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/xxh3.h"

namespace iip {

struct OpenImageKey {
  FileVersion version;
  std::uint64_t epoch = 0;
  std::size_t page = 0;  // of the file's stack
  friend bool operator==(const OpenImageKey&, const OpenImageKey&) = default;
};

template <class Image>
class OpenImages {
 public:
  using Pointer = std::shared_ptr<const Image>;

  explicit OpenImages(std::size_t capacity) : capacity_(capacity) {}
  OpenImages(const OpenImages&) = delete;
  OpenImages& operator=(const OpenImages&) = delete;

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
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->second;
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
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
  using Entry = std::pair<OpenImageKey, Pointer>;

  void keep(const OpenImageKey& key, const Pointer& image) {
    if (capacity_ == 0) return;
    Entry evicted;  // destroyed after the lock is released
    const std::lock_guard lock(mutex_);
    if (index_.contains(key)) return;
    entries_.emplace_front(key, image);
    index_.emplace(key, entries_.begin());
    if (entries_.size() <= capacity_) return;
    evicted = std::move(entries_.back());
    index_.erase(evicted.first);
    entries_.pop_back();
  }

  const std::size_t capacity_;
  mutable std::mutex mutex_;  // guards the two below; most recently used first
  std::list<Entry> entries_;
  std::unordered_map<OpenImageKey, typename std::list<Entry>::iterator, KeyHash> index_;
};

}  // namespace iip
