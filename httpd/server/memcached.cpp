#include "httpd/server/memcached.h"

#include <map>
#include <optional>
#include <string>
#include <system_error>

#include "httpd/apr/pool_resource.h"
#include "httpd/config/config.h"
#include "httpd/memcache/memcached_store.h"
#include "httpd/server/log.h"

namespace iip {

namespace {

// What one child has. The log is used by the threads of the servers until they have ended.
class ChildMemcached {
 public:
  explicit ChildMemcached(server_rec* main_server) : log_(main_server) {}
  ~ChildMemcached() {
    // All are told before the first is waited for.
    for (auto& [name, server] : servers_) server->end();
  }
  ChildMemcached(const ChildMemcached&) = delete;
  ChildMemcached& operator=(const ChildMemcached&) = delete;

  MemcachedStore* store_for(const server_rec& virtual_host);

 private:
  std::shared_ptr<MemcachedServer> server(const MemcachedList::Server& named);

  ServerLog log_;
  std::optional<CallClock> clock_;  // once there is a server
  std::map<std::string, std::shared_ptr<MemcachedServer>> servers_;
  std::vector<std::unique_ptr<MemcachedStore>> stores_;
};

std::shared_ptr<MemcachedServer> ChildMemcached::server(const MemcachedList::Server& named) {
  const std::string name = named.name.text();
  if (const auto known = servers_.find(name); known != servers_.end()) return known->second;
  if (!clock_) clock_.emplace();
  auto server = std::make_shared<MemcachedServer>(name, named.addresses, log_, *clock_);
  servers_.emplace(name, server);
  return server;
}

// The machines of a cluster have the same ServerName, but not always the same port.
std::string site_name(const server_rec& virtual_host) {
  const ServerConfig& config = server_config(&virtual_host);
  if (config.memcached_namespace && config.memcached_namespace[0] != '\0') {
    return config.memcached_namespace;
  }
  return virtual_host.server_hostname ? virtual_host.server_hostname : "";
}

MemcachedStore* ChildMemcached::store_for(const server_rec& virtual_host) {
  const ServerConfig& config = server_config(&virtual_host);
  if (!config.memcached_servers) return nullptr;
  std::vector<std::shared_ptr<MemcachedServer>> known;
  for (const MemcachedList::Server& named : config.memcached_servers->servers) {
    if (!named.addresses.empty()) known.push_back(server(named));
  }
  if (known.empty()) return nullptr;
  auto site = std::make_shared<MemcachedSite>(
      site_name(virtual_host), config.memcached_secret ? config.memcached_secret : "",
      config.memcached_timeout.value_or(kUsualMemcachedTimeout),
      config.host->memcached(config.client));
  const std::chrono::milliseconds deadline(
      config.memcached_deadline.value_or(kUsualMemcachedDeadline));
  stores_.push_back(std::make_unique<MemcachedStore>(std::move(known), std::move(site), deadline));
  return stores_.back().get();
}

}  // namespace

void look_up_memcached(server_rec* servers) {
  std::map<std::string, std::vector<SocketAddress>> known;
  for (server_rec* host = servers; host; host = host->next) {
    MemcachedList* const list = server_config(host).memcached_servers;
    if (!list) continue;
    for (MemcachedList::Server& server : list->servers) {
      const std::string name = server.name.text();
      const bool is_new = !known.contains(name);
      std::vector<SocketAddress>& addresses = known[name];
      if (is_new) addresses = look_up(server.name);
      if (is_new && addresses.empty()) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, servers,
                     "IIP: IIPMemcachedServers: no address for '%s': it is left out until httpd is "
                     "restarted",
                     name.c_str());
      }
      server.addresses = addresses;
    }
  }
}

void derive_cluster_keys(server_rec* servers) {
  for (server_rec* host = servers; host; host = host->next) {
    ServerConfig& config = server_config(host);
    const std::string_view secret(config.memcached_secret ? config.memcached_secret : "");
    if (!secret.empty()) config.cluster_key = derive_key(secret, "mod_iip ETag");
  }
}

void join_memcached(apr_pool_t* pchild, server_rec* servers) try {
  auto* child = pool_new<ChildMemcached>(pchild, servers);
  for (server_rec* host = servers; host; host = host->next) {
    server_config(host).remote = child->store_for(*host);
  }
} catch (const std::system_error& error) {
  ap_log_error(APLOG_MARK, APLOG_WARNING, 0, servers, "IIP: memcached is not used: no thread: %s",
               error.what());
}

}  // namespace iip
