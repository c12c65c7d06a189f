#include "httpd/server/virtual_hosts.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/base/hash.h"

namespace iip {

namespace {

std::string host_and_port(const server_rec& server) {
  const server_addr_rec* address = server.addrs;
  std::string name = server.server_hostname         ? server.server_hostname
                     : address && address->virthost ? address->virthost
                                                    : "";
  const apr_port_t port = server.port != 0 ? server.port : address ? address->host_port : 0;
  if (port != 0) name += ":" + std::to_string(port);
  return name;
}

// The main server, then the virtual hosts as they stand in the configuration: httpd lists them in
// the opposite order.
std::vector<server_rec*> in_order(server_rec* servers) {
  std::vector<server_rec*> order;
  for (server_rec* server = servers; server; server = server->next) order.push_back(server);
  std::reverse(order.begin() + 1, order.end());
  return order;
}

Digest digest_of(std::string_view name) {
  Hasher hasher;
  hasher.add(name);
  return hasher.digest();
}

void name_virtual_hosts(apr_pool_t* pconf, const std::vector<server_rec*>& servers) {
  std::unordered_map<std::string, int> seen;
  for (server_rec* server : servers) {
    std::string name = host_and_port(*server);
    const int count = ++seen[name];
    if (count > 1) name += "#" + std::to_string(count);
    server_config(server).name = apr_pstrdup(pconf, name.c_str());
    server_config(server).site = digest_of(name);
  }
}

// Never 0, which is nobody.
std::uint64_t owner_of(const ServerConfig& server) { return server.site.low | 1U; }

CacheClient client_of(std::size_t number) {
  return CacheClient{static_cast<std::uint16_t>(number)};
}

// Numbers of counters in the order in which they are given away: those that nobody ever had, then
// those of virtual hosts that are gone.
std::vector<std::size_t> free_numbers(std::span<WorkCounters> counters,
                                      const std::unordered_set<std::uint64_t>& present) {
  std::vector<std::size_t> numbers;
  for (const bool untouched : {true, false}) {
    for (std::size_t i = 0; i < counters.size(); ++i) {
      const std::uint64_t owner = counters[i].owner();
      const bool is_free = untouched ? owner == 0 : owner != 0 && !present.contains(owner);
      if (is_free) numbers.push_back(i);
    }
  }
  return numbers;
}

}  // namespace

void number_virtual_hosts(apr_pool_t* pconf, server_rec* servers, const HostState& host) {
  const std::span<WorkCounters> counters = host.work();
  const std::vector<server_rec*> order = in_order(servers);
  name_virtual_hosts(pconf, order);
  std::unordered_set<std::uint64_t> present;
  for (const server_rec* server : order) {
    present.insert(owner_of(server_config(server)));
  }
  std::unordered_map<std::uint64_t, std::size_t> known;
  for (std::size_t i = 0; i < counters.size(); ++i) known.emplace(counters[i].owner(), i);

  const std::vector<std::size_t> free = free_numbers(counters, present);
  auto next = free.begin();
  for (const server_rec* server : order) {
    ServerConfig& config = server_config(server);
    const std::uint64_t owner = owner_of(config);
    std::size_t number = owner % counters.size();
    if (const auto found = known.find(owner); found != known.end()) {
      number = found->second;
    } else if (next != free.end()) {
      number = *next++;
      host.give_to(client_of(number), owner);
    }
    config.client = client_of(number);
  }
}

bool owns_counters(const ServerConfig& server, const WorkCounters& counters) {
  return counters.owner() == owner_of(server);
}

}  // namespace iip
