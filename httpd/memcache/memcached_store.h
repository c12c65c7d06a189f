// MemcachedStore: the tier between machines over a cluster of memcached servers, as one virtual
// host sees it.
//
// A key belongs to one server (ServerChoice); while that is in trouble it belongs to the next best.
// Tiles travel in a TileEnvelope, and what comes back and does not fit it is a miss. Several stores
// may share servers. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "engine/remote/memcached_site.h"
#include "engine/remote/remote_store.h"
#include "engine/remote/server_choice.h"
#include "httpd/memcache/memcached_server.h"

namespace iip {

class MemcachedStore final : public RemoteStore {
 public:
  // `deadline` is that of find().
  MemcachedStore(std::vector<std::shared_ptr<MemcachedServer>> servers,
                 std::shared_ptr<MemcachedSite> site, std::chrono::milliseconds deadline);

  std::optional<Bytes> find(const Digest& key) override;
  void store(const Digest& key, const Bytes& tile) override;

  const MemcachedCounters& counters() const { return site_->counters; }
  const std::vector<std::shared_ptr<MemcachedServer>>& servers() const { return servers_; }

 private:
  MemcachedServer* server_of(const Digest& key) const;

  const std::vector<std::shared_ptr<MemcachedServer>> servers_;
  const ServerChoice choice_;
  const std::shared_ptr<MemcachedSite> site_;
  const std::chrono::milliseconds deadline_;
};

}  // namespace iip
