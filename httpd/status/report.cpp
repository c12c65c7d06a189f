#include "httpd/status/report.h"

#include <algorithm>
#include <array>

#include "httpd/config/config.h"
#include "httpd/memcache/memcached_store.h"
#include "httpd/server/virtual_hosts.h"

namespace iip {

namespace {

using Kind = FigureKind;

std::string_view help_of(Work work) {
  constexpr std::array<std::string_view, kWorkKinds> kHelp = {
      "Requests for images",
      "Documents: info.json, descriptors, IIP objects",
      "Conditional requests answered by 304",
      "Stored tiles sent from the file as they are",
      "Pictures out of the tile cache",
      "Pictures that were not in the tile cache",
      "Pictures out of memcached",
      "Pictures made by another request of the process, which this one waited for",
      "Waits for another process that made the same picture",
      "Waits that ended because the process that made the picture died or was too slow",
      "Tiles made",
      "Regions made",
      "Time spent on making pictures",
      "Requests that waited for a place to render",
      "Requests refused with 503",
      "Requests refused with 413",
      "Requests that failed with 500",
      "Requests ended early because the client had gone",
      "Bytes of answers' bodies",
  };
  return kHelp[static_cast<std::size_t>(work)];
}

void append_work(std::vector<Figure>& figures, const WorkCounters& counters) {
  for (std::size_t i = 0; i < kWorkKinds; ++i) {
    const Work work = static_cast<Work>(i);
    const Kind kind = work == Work::render_microseconds ? Kind::microseconds : Kind::counter;
    figures.push_back({name_of(work), help_of(work), kind, counters.get(work)});
  }
}

void append_cache_use(std::vector<Figure>& figures, const TileCacheUse& use) {
  figures.insert(
      figures.end(),
      {{"cache_stores", "Pictures put into the tile cache", Kind::counter, use.stores},
       {"cache_evictions", "Pictures dropped from the tile cache", Kind::counter, use.evictions},
       {"cache_rejected", "Pictures too large for the tile cache", Kind::counter, use.rejected},
       {"cache_entries", "Pictures in the tile cache", Kind::gauge, use.entries},
       {"cache_bytes", "Bytes of pictures in the tile cache", Kind::gauge, use.bytes}});
}

struct MemcachedFigure {
  std::string_view name;
  std::string_view help;
  MemcachedCounters::Counter MemcachedCounters::*counter;
};

void append_memcached(std::vector<Figure>& figures, const MemcachedCounters& counters) {
  using C = MemcachedCounters;
  constexpr MemcachedFigure kFigures[] = {
      {"memcached_hits", "Pictures that memcached had", &C::hits},
      {"memcached_misses", "Pictures that it did not have", &C::misses},
      {"memcached_bad", "Answers that were not the picture asked for", &C::bad},
      {"memcached_timeouts", "Questions without an answer in time", &C::timeouts},
      {"memcached_broken", "Questions that met no server, or one that made no sense", &C::broken},
      {"memcached_unasked", "Questions not put, since no server was in use", &C::unasked},
      {"memcached_stored", "Pictures put into memcached", &C::stored},
      {"memcached_refused", "Pictures that it had no room for", &C::refused},
      {"memcached_dropped", "Pictures not sent, for a queue too long or a server in trouble",
       &C::dropped},
      {"memcached_too_large", "Pictures too large for memcached", &C::too_large},
  };
  for (const auto& [name, help, counter] : kFigures) {
    figures.push_back(
        {name, help, Kind::counter, (counters.*counter).load(std::memory_order_relaxed)});
  }
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

std::vector<Figure> host_figures(const TileCacheCounters& cache, const AdmissionState& admission) {
  return {
      {"cache_capacity_bytes", "Room for pictures in the tile cache", Kind::gauge, cache.capacity},
      {"cache_occupied_bytes", "... and how much of it is taken", Kind::gauge,
       cache.total.occupied},
      {"cache_bad_checksums", "Pictures that were found damaged and not used", Kind::counter,
       cache.total.bad_checksums},
      {"cache_dead_owners", "Parts of the tile cache emptied because a process died in them",
       Kind::counter, cache.dead_owners},
      {"cache_damages", "Parts of the tile cache emptied because they contradicted themselves",
       Kind::counter, cache.damages},
      {"cache_refusals", "Calls of the tile cache that gave up on a lock", Kind::counter,
       cache.refusals},
      {"admission_places", "How many pictures are made at a time at most", Kind::gauge,
       admission.slots},
      {"admission_tiles", "Tiles that are being made", Kind::gauge, admission.tiles_inside},
      {"admission_regions", "Regions that are being made", Kind::gauge, admission.regions_inside},
      {"admission_waiting", "Requests that wait for a place", Kind::gauge, admission.waiting},
      {"admission_bytes", "Memory that those who are inside may take", Kind::gauge,
       admission.memory},
  };
}

std::vector<Figure> figures_of(CacheClient client, HostState& host,
                               const TileCacheCounters& cache) {
  const auto number = static_cast<std::size_t>(client);
  std::vector<Figure> figures;
  append_work(figures, host.work(client));
  append_cache_use(figures, number < cache.clients.size() ? cache.clients[number] : TileCacheUse{});
  append_memcached(figures, host.memcached(client));
  return figures;
}

bool is_idle(const WorkCounters& counters) { return counters.get(Work::requests) == 0; }

void add_to(std::vector<Figure>& totals, const std::vector<Figure>& figures) {
  for (std::size_t i = 0; i < totals.size(); ++i) totals[i].value += figures[i].value;
}

void append_helpers(std::vector<Figure>& figures, const HelperCounters& counters) {
  figures.insert(
      figures.end(),
      {{"helpers_started", "Processes that decoded what may end its process", Kind::counter,
        counters.started},
       {"helpers_ended_by_signal", "... that a signal ended: a fault, or what they may not do",
        Kind::counter, counters.ended_by_signal},
       {"helpers_ended_by_deadline", "... that were not done when their time was over",
        Kind::counter, counters.ended_by_deadline},
       {"helpers_refused", "... that could not be started", Kind::counter, counters.refused}});
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
  report.host = host_figures(cache, admission_of(server_config(servers)));
  append_helpers(report.host, host.helpers());
  append_work(report.totals, WorkCounters());
  append_cache_use(report.totals, {});
  append_memcached(report.totals, MemcachedCounters());
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
