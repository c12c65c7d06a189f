#include "httpd/status/formats.h"

namespace iip {

namespace {

// cache_hits -> CacheHits
std::string key_of(std::string_view name) {
  std::string key;
  bool starts_word = true;
  for (const char c : name) {
    if (c != '_') key += starts_word && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    starts_word = c == '_';
  }
  return key;
}

void append_figures(std::string& text, std::string_view prefix,
                    const std::vector<Figure>& figures) {
  for (const Figure& figure : figures) {
    text.append(prefix).append(key_of(figure.metric.name)).append(": ");
    text.append(std::to_string(figure.value)).append("\n");
  }
}

}  // namespace

std::string status_as_text(const StatusReport& report) {
  std::string text;
  append_figures(text, "IIP", report.host);
  append_figures(text, "IIPTotal", report.totals);
  for (std::size_t i = 0; i < report.virtual_hosts.size(); ++i) {
    const std::string prefix = "IIPVirtualHost[" + std::to_string(i) + "]";
    text.append(prefix).append("Name: ").append(report.virtual_hosts[i].name).append("\n");
    append_figures(text, prefix, report.virtual_hosts[i].figures);
  }
  for (std::size_t i = 0; i < report.memcached.size(); ++i) {
    const std::string prefix = "IIPMemcached[" + std::to_string(i) + "]";
    text.append(prefix).append("Server: ").append(report.memcached[i].name).append("\n");
    text.append(prefix).append("State: ").append(report.memcached[i].state).append("\n");
  }
  return text;
}

}  // namespace iip
