// The forms of a status report. Each is complete text in UTF-8; names of virtual hosts are escaped
// as the form asks for.
#pragma once

#include <string>

#include "httpd/status/report.h"

namespace iip {

// An object: {"host": {...}, "totals": {...}, "virtual_hosts": {"name": {...}, ...},
// "memcached": {"name": "in use", ...}}.
std::string status_as_json(const StatusReport& report);

// Lines of `Key: value`, as mod_status prints them for machines.
std::string status_as_text(const StatusReport& report);

// OpenMetrics 1.0, for Prometheus.
std::string status_as_openmetrics(const StatusReport& report);

// A section of mod_status's page, with tables or without.
std::string status_as_html(const StatusReport& report, bool tables);

}  // namespace iip
