// What the status pages say, whatever their format: figures of the whole host, figures of each
// virtual host that has had a request, and the memcached servers.
//
// No two figures of a list have the same name. Text lives as long as the configuration, or for
// ever. Value types; a report may be made by any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/metric.h"
#include "engine/service/host_state.h"
#include "httpd/apr/apache.h"

namespace iip {

struct Figure {
  Metric metric;
  std::uint64_t value = 0;
};

struct VirtualHostFigures {
  std::string_view name;
  std::vector<Figure> figures;  // the same for each virtual host, in the same order
};

// As the process sees it that reports: each finds out for itself.
struct MemcachedServerState {
  std::string_view name;
  std::string_view state;  // in use, left out, or on trial
  bool in_use = false;
};

struct StatusReport {
  std::vector<Figure> host;
  std::vector<Figure> totals;  // of all virtual hosts
  std::vector<VirtualHostFigures> virtual_hosts;
  std::vector<MemcachedServerState> memcached;
};

// `servers` is the main server, the first of the list.
StatusReport report_status(const server_rec* servers);

}  // namespace iip
