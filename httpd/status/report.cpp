#include "httpd/status/report.h"

#include <algorithm>
#include <iterator>

#include "engine/service/gauges.h"
#include "httpd/config/config.h"
#include "httpd/memcache/memcached_store.h"
#include "httpd/server/virtual_hosts.h"

namespace iip {

namespace {

template <class Counters, std::size_t N>
void append(std::vector<Figure>& figures, const MemberMetric<Counters> (&metrics)[N],
            const Counters& counters) {
  for (const auto& [metric, read] : metrics) figures.push_back({metric, read(counters)});
}

// What is known of each virtual host.
std::vector<Figure> figures_of(const WorkCounters& work, const TileCacheUse& cache,
                               const MemcachedCounters& memcached) {
  std::vector<Figure> figures;
  figures.reserve(std::size(kWorkMetrics) + std::size(kTileCacheUseMetrics) +
                  std::size(kMemcachedMetrics));
  for (const auto& [kind, metric] : kWorkMetrics) figures.push_back({metric, work.get(kind)});
  append(figures, kTileCacheUseMetrics, cache);
  append(figures, kMemcachedMetrics, memcached);
  return figures;
}

std::vector<Figure> figures_of(CacheClient client, HostState& host,
                               const TileCacheCounters& cache) {
  const auto number = static_cast<std::size_t>(client);
  return figures_of(host.work(client),
                    number < cache.clients.size() ? cache.clients[number] : TileCacheUse{},
                    host.memcached(client));
}

std::string_view name_of(Breaker::State state) {
  switch (state) {
    case Breaker::State::closed:
      return "in use";
    case Breaker::State::open:
      return "left out";
    case Breaker::State::trial:
      return "on trial";
  }
  return "";
}

// Virtual hosts share servers of the same name.
void add_memcached_servers(std::vector<MemcachedServerState>& known, const MemcachedStore* store) {
  if (!store) return;
  for (const auto& server : store->servers()) {
    const std::string_view name = server->name();
    const bool is_known = std::any_of(known.begin(), known.end(),
                                      [&](const auto& other) { return other.name == name; });
    const Breaker::State state = server->state();
    if (!is_known) known.push_back({name, name_of(state), state == Breaker::State::closed});
  }
}

bool is_idle(const WorkCounters& counters) { return counters.get(Work::requests) == 0; }

void add_to(std::vector<Figure>& totals, const std::vector<Figure>& figures) {
  for (std::size_t i = 0; i < totals.size(); ++i) totals[i].value += figures[i].value;
}

// None where the child process has no service.
AdmissionState admission_of(const ServerConfig& server) {
  return server.service ? server.service->admission() : AdmissionState{};
}

}  // namespace

StatusReport report_status(const server_rec* servers) {
  HostState& host = *server_config(servers).host;
  const TileCacheCounters cache = host.tiles() ? host.tiles()->counters() : TileCacheCounters{};
  StatusReport report;
  append(report.host, kTileCacheMetrics, cache);
  append(report.host, kAdmissionMetrics, admission_of(server_config(servers)));
  append(report.host, kHelperMetrics, host.helpers());
  report.totals = figures_of(WorkCounters(), {}, MemcachedCounters());
  for (const server_rec* server = servers; server; server = server->next) {
    const ServerConfig& config = server_config(server);
    add_memcached_servers(report.memcached, config.remote);
    if (!owns_counters(config, host.work(config.client)) || is_idle(host.work(config.client))) {
      continue;
    }
    report.virtual_hosts.push_back({config.name, figures_of(config.client, host, cache)});
    add_to(report.totals, report.virtual_hosts.back().figures);
  }
  return report;
}

}  // namespace iip
