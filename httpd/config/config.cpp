#include "httpd/config/config.h"

#include <array>

#include "engine/base/xxh3.h"
#include "httpd/apr/pool_resource.h"
#include "httpd/config/directive_table.h"
#include "httpd/config/set_handler.h"

namespace iip {

namespace {

// Once requests are served, nothing but .htaccess files is read.
bool is_of_htaccess() { return ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_RUN_MPM; }

std::uint64_t merged_identity(const DirConfig& base, const DirConfig& added) {
  if (base.identity == 0 || added.identity == 0) return 0;
  // Addresses of sections, which nobody outside chooses.
  const std::array words{base.identity, added.identity};
  return XXH3_64bits(words.data(), sizeof words) | 1U;
}

}  // namespace

void* create_dir_config(apr_pool_t* pool, char*) noexcept {
  auto* config = pool_new<DirConfig>(pool);
  if (!is_of_htaccess()) config->identity = reinterpret_cast<std::uintptr_t>(config);
  return config;
}

void* merge_dir_config(apr_pool_t* pool, void* base, void* added) noexcept {
  const DirConfig& b = *static_cast<const DirConfig*>(base);
  const DirConfig& a = *static_cast<const DirConfig*>(added);
  auto* merged = pool_new<DirConfig>(pool, a);
  merged->identity = merged_identity(b, a);
  for_each_value([&](const auto& value) { inherit(value, *merged, b); });
  return merged;
}

void* create_server_config(apr_pool_t* pool, server_rec*) noexcept {
  return pool_new<ServerConfig>(pool);
}

void* merge_server_config(apr_pool_t* pool, void* base, void* added) noexcept {
  const ServerConfig& b = *static_cast<const ServerConfig*>(base);
  const ServerConfig& a = *static_cast<const ServerConfig*>(added);
  auto* merged = pool_new<ServerConfig>(pool, a);
  for_each_value([&](const auto& value) { inherit(value, *merged, b); });
  return merged;
}

void part_server_configs(apr_pool_t* pconf, server_rec* servers) {
  const ServerConfig& main_server = server_config(servers);
  for (server_rec* host = servers->next; host; host = host->next) {
    if (&server_config(host) != &main_server) continue;
    ap_set_module_config(host->module_config, &iip_module,
                         pool_new<ServerConfig>(pconf, main_server));
  }
}

void note_operator_handlers(apr_pool_t* pconf, server_rec* servers) {
  const auto* handlers = pool_new<OperatorHandlers>(pconf, servers);
  for (server_rec* server = servers; server; server = server->next) {
    server_config(server).operator_handlers = handlers;
  }
}

const DirConfig& dir_config(const request_rec* r) {
  return *static_cast<const DirConfig*>(ap_get_module_config(r->per_dir_config, &iip_module));
}

ServerConfig& server_config(const server_rec* server) {
  return *static_cast<ServerConfig*>(ap_get_module_config(server->module_config, &iip_module));
}

Settings settings_of(const DirConfig& dir, const ServerConfig& server) {
  Settings settings;
  for_each_value([&](const auto& value) {
    fill(value, settings, dir);
    fill(value, settings, server);
  });
  return settings;
}

ServiceLimits service_limits(const ServerConfig& main_server) {
  ServiceLimits limits;
  for_each_value([&](const auto& value) { fill(value, limits, main_server); });
  return limits;
}

}  // namespace iip
