#include <nlohmann/json.hpp>

#include "httpd/status/formats.h"

namespace iip {

namespace {

using Json = nlohmann::ordered_json;

Json object_of(const std::vector<Figure>& figures) {
  Json object = Json::object();
  for (const Figure& figure : figures) object[std::string(figure.metric.name)] = figure.value;
  return object;
}

}  // namespace

std::string status_as_json(const StatusReport& report) {
  Json document = {{"host", object_of(report.host)}, {"totals", object_of(report.totals)}};
  Json& hosts = document["virtual_hosts"] = Json::object();
  for (const VirtualHostFigures& host : report.virtual_hosts) {
    hosts[std::string(host.name)] = object_of(host.figures);
  }
  Json& servers = document["memcached"] = Json::object();
  for (const MemcachedServerState& server : report.memcached) {
    servers[std::string(server.name)] = std::string(server.state);
  }
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace iip
