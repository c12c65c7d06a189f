#include "httpd/config/config.h"

#include <algorithm>
#include <array>

#include "engine/base/xxh3.h"
#include "httpd/apr/pool_resource.h"
#include "httpd/config/set_handler.h"

namespace iip {

namespace {

// The inner section's value where it has one. T is an optional or a pointer.
template <class T>
T inner(const T& base, const T& added) {
  return added ? added : base;
}

template <class T>
void assign(T& setting, const std::optional<T>& configured) {
  if (configured) setting = *configured;
}

template <class T>
void assign(std::optional<T>& setting, const std::optional<T>& configured) {
  if (configured) setting = configured;
}

void assign(std::string_view& setting, const char* configured) {
  if (configured) setting = configured;
}

// Once requests are served nothing else is read.
bool is_of_htaccess() { return ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_RUN_MPM; }

// As many quality layers as both allow. What is not above 0 is a way of choosing and no limit: of
// two such the inner one holds.
int narrower_layers(int outer, int inner) {
  if (outer > 0 && inner > 0) return std::min(outer, inner);
  return outer > 0 ? outer : inner;
}

std::uint64_t merged_identity(const DirConfig& base, const DirConfig& added) {
  if (base.identity == 0 || added.identity == 0) return 0;
  // Addresses of sections, which nobody outside chooses.
  const std::array words{base.identity, added.identity};
  return XXH3_64bits(words.data(), sizeof words) | 1U;
}

}  // namespace

TenantLimits TenantLimits::narrowed_by(const TenantLimits& inner) const {
  TenantLimits both;
  both.upscaling = upscaling && inner.upscaling;
  both.max_icc = std::min(max_icc, inner.max_icc);
  both.max_layers = inner.max_layers ? inner.max_layers : max_layers;
  if (max_layers && inner.max_layers) {
    both.max_layers = narrower_layers(*max_layers, *inner.max_layers);
  }
  return both;
}

void TenantLimits::narrow(Settings& settings) const {
  settings.allow_upscaling = settings.allow_upscaling && upscaling;
  settings.max_icc = std::min(settings.max_icc, max_icc);
  if (max_layers) settings.max_layers = narrower_layers(settings.max_layers, *max_layers);
}

void* create_dir_config(apr_pool_t* pool, char*) noexcept {
  auto* config = pool_new<DirConfig>(pool);
  if (!is_of_htaccess()) config->identity = reinterpret_cast<std::uintptr_t>(config);
  return config;
}

void* merge_dir_config(apr_pool_t* pool, void* base, void* added) noexcept {
  const DirConfig& b = *static_cast<const DirConfig*>(base);
  const DirConfig& a = *static_cast<const DirConfig*>(added);
  auto* merged = pool_new<DirConfig>(pool);
  merged->identity = merged_identity(b, a);
  merged->prefix = inner(b.prefix, a.prefix);
  merged->suffix = inner(b.suffix, a.suffix);
  merged->filename_pattern = inner(b.filename_pattern, a.filename_pattern);
  merged->protocol = inner(b.protocol, a.protocol);
  merged->cors = inner(b.cors, a.cors);
  merged->base_url = inner(b.base_url, a.base_url);
  merged->server_timing = inner(b.server_timing, a.server_timing);
  merged->status_purge = inner(b.status_purge, a.status_purge);
  merged->cache_control = inner(b.cache_control, a.cache_control);
  merged->jpeg_quality = inner(b.jpeg_quality, a.jpeg_quality);
  merged->png_quality = inner(b.png_quality, a.png_quality);
  merged->webp_quality = inner(b.webp_quality, a.webp_quality);
  merged->avif_quality = inner(b.avif_quality, a.avif_quality);
  merged->avif_codec = inner(b.avif_codec, a.avif_codec);
  merged->tiff_scheme = inner(b.tiff_scheme, a.tiff_scheme);
  merged->tiff_quality = inner(b.tiff_quality, a.tiff_quality);
  merged->jpeg_optimise = inner(b.jpeg_optimise, a.jpeg_optimise);
  merged->colour = inner(b.colour, a.colour);
  merged->watermark = inner(b.watermark, a.watermark);
  merged->watermark_probability = inner(b.watermark_probability, a.watermark_probability);
  merged->watermark_opacity = inner(b.watermark_opacity, a.watermark_opacity);
  merged->max_cvt = inner(b.max_cvt, a.max_cvt);
  merged->allow_upscaling = inner(b.allow_upscaling, a.allow_upscaling);
  merged->interpolation = inner(b.interpolation, a.interpolation);
  merged->max_icc = inner(b.max_icc, a.max_icc);
  merged->codec_passthrough = inner(b.codec_passthrough, a.codec_passthrough);
  merged->max_layers = inner(b.max_layers, a.max_layers);
  merged->tenant = b.tenant.narrowed_by(a.tenant);
  merged->copyright = inner(b.copyright, a.copyright);
  merged->iiif_version = inner(b.iiif_version, a.iiif_version);
  merged->iiif_extensions = inner(b.iiif_extensions, a.iiif_extensions);
  merged->iiif_delimiter = inner(b.iiif_delimiter, a.iiif_delimiter);
  merged->iiif_extra_info = inner(b.iiif_extra_info, a.iiif_extra_info);
  return merged;
}

void* create_server_config(apr_pool_t* pool, server_rec*) noexcept {
  return pool_new<ServerConfig>(pool);
}

void* merge_server_config(apr_pool_t* pool, void* base, void* added) noexcept {
  const ServerConfig& b = *static_cast<const ServerConfig*>(base);
  const ServerConfig& a = *static_cast<const ServerConfig*>(added);
  auto* merged = pool_new<ServerConfig>(pool);
  merged->log_file = inner(b.log_file, a.log_file);
  merged->verbosity = inner(b.verbosity, a.verbosity);
  merged->max_source_pixels = inner(b.max_source_pixels, a.max_source_pixels);
  merged->render_timeout = inner(b.render_timeout, a.render_timeout);
  merged->memcached_servers = inner(b.memcached_servers, a.memcached_servers);
  merged->memcached_timeout = inner(b.memcached_timeout, a.memcached_timeout);
  merged->memcached_deadline = inner(b.memcached_deadline, a.memcached_deadline);
  merged->memcached_secret = inner(b.memcached_secret, a.memcached_secret);
  merged->memcached_namespace = inner(b.memcached_namespace, a.memcached_namespace);
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
  assign(settings.jpeg_quality, dir.jpeg_quality);
  assign(settings.png_quality, dir.png_quality);
  assign(settings.webp_quality, dir.webp_quality);
  assign(settings.avif_quality, dir.avif_quality);
  assign(settings.avif_codec, dir.avif_codec);
  assign(settings.tiff_scheme, dir.tiff_scheme);
  assign(settings.tiff_quality, dir.tiff_quality);
  assign(settings.jpeg_optimise, dir.jpeg_optimise);
  assign(settings.colour, dir.colour);
  if (dir.watermark && dir.watermark->file) {
    settings.watermarking.mark = &dir.watermark->file->mark;
    settings.watermarking.version = dir.watermark->file->version;
  }
  assign(settings.watermarking.probability, dir.watermark_probability);
  assign(settings.watermarking.opacity, dir.watermark_opacity);
  assign(settings.max_cvt, dir.max_cvt);
  assign(settings.allow_upscaling, dir.allow_upscaling);
  assign(settings.interpolation, dir.interpolation);
  assign(settings.max_icc, dir.max_icc);
  assign(settings.codec_passthrough, dir.codec_passthrough);
  assign(settings.max_layers, dir.max_layers);
  dir.tenant.narrow(settings);
  assign(settings.copyright, dir.copyright);
  assign(settings.iiif_version, dir.iiif_version);
  assign(settings.iiif_extensions, dir.iiif_extensions);
  assign(settings.iiif_extra_info, dir.iiif_extra_info);
  assign(settings.max_source_pixels, server.max_source_pixels);
  assign(settings.render_timeout, server.render_timeout);
  return settings;
}

ServiceLimits service_limits(const ServerConfig& main_server) {
  ServiceLimits limits;
  if (main_server.open_images) {
    limits.open_images = static_cast<std::size_t>(*main_server.open_images);
  }
  assign(limits.request_memory, main_server.request_memory);
  assign(limits.render_memory, main_server.render_memory);
  assign(limits.renders, main_server.renders);
  return limits;
}

}  // namespace iip
