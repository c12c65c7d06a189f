// OpenImages: the images that this process knows, so that a file's directories are read once per
// version and not once per request.
//
// Found by the file's version (device, inode, size, times): a replaced file is a new image, and its
// old entry ages out. Bounded by count, the least recently used leave first. Thread-safe; no lock
// is held while a file is read, so two threads may open the same new file at once (one result is
// kept). Failures are not kept.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/hash.h"

namespace iip {

template <class Image>
class OpenImages {
 public:
  using Pointer = std::shared_ptr<const Image>;

  explicit OpenImages(std::size_t capacity) : capacity_(capacity) {}
  OpenImages(const OpenImages&) = delete;
  OpenImages& operator=(const OpenImages&) = delete;

  // The known image, or what `open()`, which returns Result<Pointer>, gives.
  template <class Open>
  auto find_or_open(const FileVersion& version, Open open) -> decltype(open()) {
    if (Pointer known = find(version)) return known;
    auto opened = open();
    if (opened) keep(version, *opened);
    return opened;
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  struct VersionHash {
    std::size_t operator()(const FileVersion& version) const {
      Hasher hasher;
      version.add_to(hasher);
      return static_cast<std::size_t>(hasher.digest().low);
    }
  };
  using Entry = std::pair<FileVersion, Pointer>;

  Pointer find(const FileVersion& version) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(version);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->second;
  }

  void keep(const FileVersion& version, const Pointer& image) {
    if (capacity_ == 0) return;
    Entry evicted;  // destroyed after the lock is released
    const std::lock_guard lock(mutex_);
    if (index_.contains(version)) return;
    entries_.emplace_front(version, image);
    index_.emplace(version, entries_.begin());
    if (entries_.size() <= capacity_) return;
    evicted = std::move(entries_.back());
    index_.erase(evicted.first);
    entries_.pop_back();
  }

  const std::size_t capacity_;
  mutable std::mutex mutex_;  // guards the two below; most recently used first
  std::list<Entry> entries_;
  std::unordered_map<FileVersion, typename std::list<Entry>::iterator, VersionHash> index_;
};

}  // namespace iip
