// The format: https://prometheus.io/docs/specs/om/open_metrics_spec/. All samples of one metric
// stand together, below its TYPE and HELP; counters end in _total; times are in seconds.
#include "httpd/status/formats.h"

namespace iip {

namespace {

constexpr std::string_view kMicroseconds = "_microseconds";

std::string name_of(const Metric& metric) {
  std::string_view name = metric.name;
  const bool is_time = metric.kind == MetricKind::microseconds;
  if (is_time) name.remove_suffix(kMicroseconds.size());
  return "iip_" + std::string(name) + (is_time ? "_seconds" : "");
}

// Between quotes: backslash, quote and line end are escaped.
std::string label_value(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string number(const Figure& figure) {
  if (figure.metric.kind != MetricKind::microseconds) return std::to_string(figure.value);
  constexpr std::uint64_t kSecond = 1'000'000;
  const std::string fraction = std::to_string(kSecond + figure.value % kSecond);  // 1 and 6 digits
  return std::to_string(figure.value / kSecond) + "." + fraction.substr(1);
}

void append_head(std::string& text, const Metric& metric) {
  const std::string name = name_of(metric);
  const char* type = metric.kind == MetricKind::gauge ? "gauge" : "counter";
  text.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  if (metric.kind == MetricKind::microseconds) {
    text.append("# UNIT ").append(name).append(" seconds\n");
  }
  text.append("# HELP ").append(name).append(" ").append(metric.help).append("\n");
}

void append_sample(std::string& text, const Figure& figure, const std::string& labels) {
  text.append(name_of(figure.metric));
  if (figure.metric.kind != MetricKind::gauge) text.append("_total");
  text.append(labels).append(" ").append(number(figure)).append("\n");
}

void append_servers(std::string& text, const std::vector<MemcachedServerState>& servers) {
  if (servers.empty()) return;
  const Metric in_use{"memcached_in_use", "Whether the memcached server is asked",
                      MetricKind::gauge};
  append_head(text, in_use);
  for (const MemcachedServerState& server : servers) {
    text.append(name_of(in_use)).append("{server=\"").append(label_value(server.name));
    text.append("\"} ").append(server.in_use ? "1" : "0").append("\n");
  }
}

}  // namespace

std::string status_as_openmetrics(const StatusReport& report) {
  std::string text;
  for (const Figure& figure : report.host) {
    append_head(text, figure.metric);
    append_sample(text, figure, "");
  }
  for (std::size_t i = 0; i < report.totals.size(); ++i) {
    append_head(text, report.totals[i].metric);
    for (const VirtualHostFigures& host : report.virtual_hosts) {
      append_sample(text, host.figures[i], "{vhost=\"" + label_value(host.name) + "\"}");
    }
  }
  append_servers(text, report.memcached);
  return text + "# EOF\n";
}

}  // namespace iip
