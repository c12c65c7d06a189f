#include "httpd/server/shared_memory.h"

#include <algorithm>
#include <bit>

#include "engine/cache/shared_block.h"
#include "engine/service/host_state.h"
#include "httpd/apr/pool_resource.h"
#include "httpd/config/config.h"
#include "httpd/server/virtual_hosts.h"

namespace iip {

namespace {

// What outlives the module. Whatever version of it reads this must understand it: never change it.
struct KeptBlock {
  void* start;
  apr_size_t size;
};
constexpr const char* kKeptKey = "mod_iip shared memory";

constexpr std::uint32_t kFewestClients = 64;
constexpr std::uint32_t kMostClients = 1024;  // as many as the tile cache tells apart

// In steps, so that another virtual host seldom changes the layout.
std::uint32_t clients_for(const server_rec* servers) {
  std::uint32_t count = 0;
  for (const server_rec* server = servers; server; server = server->next) ++count;
  return std::clamp(std::bit_ceil(count), kFewestClients, kMostClients);
}

HostLayout layout_for(const server_rec* servers) {
  HostLayout layout;
  layout.cache_bytes = server_config(servers).image_cache.value_or(HostLayout::kDefaultCache);
  layout.clients = clients_for(servers);
  apr_generate_random_bytes(reinterpret_cast<unsigned char*>(&layout.seed), sizeof layout.seed);
  return layout;
}

std::span<std::byte> span_of(const KeptBlock& kept) {
  return {static_cast<std::byte*>(kept.start), kept.size};
}

// Empty before the first block is made.
KeptBlock& kept_block(apr_pool_t* process_pool) {
  void* known = nullptr;
  apr_pool_userdata_get(&known, kKeptKey, process_pool);
  if (known) return *static_cast<KeptBlock*>(known);
  auto* kept = pool_new<KeptBlock>(process_pool);
  // Copies the key, which is unloaded with the module.
  apr_pool_userdata_set(kept, kKeptKey, nullptr, process_pool);
  return *kept;
}

Result<HostState> make_anew(KeptBlock& kept, const HostLayout& layout) {
  // Children that still end their work have the old block mapped themselves.
  SharedBlock::unmap(span_of(kept));
  kept = {};
  auto block = SharedBlock::create(HostState::block_size(layout));
  if (!block) return pass_on(block);
  auto state = HostState::create(block->span(), layout);
  if (!state) return state;
  const std::span<std::byte> memory = block->release();
  kept = {memory.data(), memory.size()};
  return state;
}

Result<HostState> find_or_make(apr_pool_t* process_pool, const HostLayout& layout) {
  KeptBlock& kept = kept_block(process_pool);
  if (kept.size == HostState::block_size(layout)) {
    if (auto state = HostState::attach(span_of(kept), layout)) return state;
  }
  return make_anew(kept, layout);
}

}  // namespace

int share_memory(apr_pool_t* pconf, server_rec* servers) {
  const HostLayout layout = layout_for(servers);
  auto state = find_or_make(servers->process->pool, layout);
  if (!state) {
    ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_CRIT, 0, servers,
                 "IIP: no shared memory for a cache of %" APR_UINT64_T_FMT
                 " MB (IIPMaxImageCacheSize): %s",
                 layout.cache_bytes >> 20U, state.error().detail.c_str());
    return HTTP_INTERNAL_SERVER_ERROR;
  }
  number_virtual_hosts(pconf, servers, *state);
  auto* host = pool_new<HostState>(pconf, *state);
  for (server_rec* server = servers; server; server = server->next) {
    server_config(server).host = host;
  }
  return OK;
}

}  // namespace iip
