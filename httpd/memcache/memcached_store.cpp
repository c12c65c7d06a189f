#include "httpd/memcache/memcached_store.h"

#include <new>

namespace iip {

namespace {

std::vector<std::string> names_of(const std::vector<std::shared_ptr<MemcachedServer>>& servers) {
  std::vector<std::string> names;
  names.reserve(servers.size());
  for (const auto& server : servers) names.push_back(server->name());
  return names;
}

}  // namespace

MemcachedStore::MemcachedStore(std::vector<std::shared_ptr<MemcachedServer>> servers,
                               std::shared_ptr<MemcachedSite> site,
                               std::chrono::milliseconds deadline)
    : servers_(std::move(servers)),
      choice_(names_of(servers_)),
      site_(std::move(site)),
      deadline_(deadline) {}

MemcachedServer* MemcachedStore::server_of(const Digest& key) const {
  const auto place = choice_.choose(
      key, [this](std::size_t i) { return servers_[i]->state() != Breaker::State::open; });
  return place ? servers_[*place].get() : nullptr;
}

std::optional<Bytes> MemcachedStore::find(const Digest& key) try {
  MemcachedCounters& counters = site_->counters;
  ++counters.finds;
  MemcachedServer* const server = server_of(key);
  if (!server) {
    ++counters.unasked;
    return std::nullopt;
  }
  const MemcachedServer::Answer answer = server->get(site_->key_text(key), deadline_);
  switch (answer.outcome) {
    case MemcachedServer::Outcome::value:
      break;
    case MemcachedServer::Outcome::miss:
      ++counters.misses;
      return std::nullopt;
    case MemcachedServer::Outcome::timeout:
      ++counters.timeouts;
      return std::nullopt;
    case MemcachedServer::Outcome::broken:
      ++counters.broken;
      return std::nullopt;
    case MemcachedServer::Outcome::unasked:
      ++counters.unasked;
      return std::nullopt;
  }
  auto tile = site_->envelope.open(key, answer.value);
  ++(tile ? counters.hits : counters.bad);
  return tile;
} catch (const std::bad_alloc&) {
  return std::nullopt;
}

void MemcachedStore::store(const Digest& key, const Bytes& tile) try {
  MemcachedCounters& counters = site_->counters;
  ++counters.stores;
  if (tile.size() > kLargestMemcachedValue - TileEnvelope::kHeaderSize) {
    ++counters.too_large;
    return;
  }
  MemcachedServer* const server = server_of(key);
  if (!server || !server->post({site_, key, tile})) {
    ++counters.dropped;
  }
} catch (const std::bad_alloc&) {
  ++site_->counters.dropped;
}

}  // namespace iip
