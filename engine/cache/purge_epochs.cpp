#include "engine/cache/purge_epochs.h"

#include "engine/base/hash.h"
#include "engine/base/xxh3.h"

namespace iip {
namespace {

std::string_view without_final_slash(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path;
}

}  // namespace

std::size_t PurgeEpochs::place(std::string_view path) {
  return static_cast<std::size_t>(XXH3_64bits(path.data(), path.size()) % kCounters);
}

void PurgeEpochs::purge(std::string_view path) {
  counter(without_final_slash(path)).fetch_add(1, std::memory_order_relaxed);
  purges_.fetch_add(1, std::memory_order_release);
}

std::uint64_t PurgeEpochs::epoch_of(std::string_view path) const {
  if (purges_.load(std::memory_order_acquire) == 0) return 0;
  path = without_final_slash(path);
  // The folders from the outermost, "" for "/", then the path itself.
  Hasher hasher;
  std::uint64_t purged = 0;
  for (std::size_t end = 0;; end = path.find('/', end + 1)) {
    const std::string_view front = path.substr(0, end);
    const std::uint32_t count = counters_[place(front)].load(std::memory_order_relaxed);
    hasher.add(count);
    purged += count;
    if (front.size() == path.size()) break;
  }
  // What was never purged keeps its keys.
  return purged == 0 ? 0 : hasher.digest().low | 1U;
}

}  // namespace iip
