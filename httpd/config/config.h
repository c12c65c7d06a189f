// What the directives set, as httpd keeps it.
//
// A DirConfig belongs to a <Location>, <Directory>, <Files>, <If>, .htaccess or, as the outermost
// one, to a server; httpd merges those that apply to a request in the request's pool, so it is
// small, trivially copied, and each member knows whether it was set. A ServerConfig belongs to a
// server or virtual host and is merged once, when the server starts. Both are read-only once
// requests are served. Text lives in the pool of the configuration.
//
// directive_table.h says which directive sets which member, and how they are merged. Once
// requests are served any thread may read them.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/model/settings.h"
#include "engine/protocol/request.h"
#include "engine/service/host_state.h"
#include "engine/service/service.h"
#include "engine/service/watermark_file.h"
#include "httpd/apr/apache.h"
#include "httpd/config/memcached_list.h"

namespace iip {

class KnownAnswers;
class MemcachedStore;
class OperatorHandlers;

// Which web origins may read the answers from scripts.
struct CorsPolicy {
  enum class Allow : std::uint8_t { nobody, everybody, listed };
  Allow allow = Allow::nobody;
  const char* const* origins = nullptr;  // listed: `count` texts of the form scheme://host[:port]
  int count = 0;
};

// The mark laid over pictures, or none, which an inner section can say too.
struct WatermarkChoice {
  const WatermarkFile* file = nullptr;
};

// Limits that a .htaccess has set. They narrow those of the operator, whatever the order of the
// sections, and never widen them.
struct TenantLimits {
  std::optional<bool> allow_upscaling;
  std::optional<std::uint64_t> max_icc;
  std::optional<int> max_layers;
};

// What holds where nothing is set, of the directives that the adaptor reads itself. What the engine
// reads has its own in Settings and ServiceLimits.
inline constexpr const char* kUsualFilenamePattern = "_pyr_";
inline constexpr const char* kUsualCacheControl = "max-age=86400";
inline constexpr int kUsualVerbosity = 1;
inline constexpr std::uint32_t kUsualMemcachedTimeout = 86'400;  // seconds
inline constexpr std::uint32_t kUsualMemcachedDeadline = 25;     // milliseconds

struct DirConfig {
  // Two configurations with the same are the same in all. 0: read from .htaccess, where the text
  // lives no longer than the request.
  std::uint64_t identity = 0;

  const char* prefix = nullptr;  // absolute, ends with '/'
  const char* suffix = nullptr;
  const char* filename_pattern = nullptr;  // null: the usual one; empty: there are no sequences
  std::optional<Protocol> protocol;
  const CorsPolicy* cors = nullptr;
  const char* base_url = nullptr;
  const char* cache_control = nullptr;
  std::optional<bool> server_timing;
  std::optional<bool> status_purge;

  std::optional<int> jpeg_quality;
  std::optional<int> png_quality;
  std::optional<int> webp_quality;
  std::optional<int> avif_quality;
  std::optional<AvifCodec> avif_codec;
  std::optional<TiffScheme> tiff_scheme;
  std::optional<int> tiff_quality;
  std::optional<bool> jpeg_optimise;
  std::optional<ColourPolicy> colour;
  const WatermarkChoice* watermark = nullptr;
  std::optional<double> watermark_probability;
  std::optional<double> watermark_opacity;
  std::optional<std::uint32_t> max_cvt;
  std::optional<bool> allow_upscaling;
  std::optional<Interpolation> interpolation;
  std::optional<std::uint64_t> max_icc;
  std::optional<bool> codec_passthrough;
  std::optional<int> max_layers;
  TenantLimits tenant;
  const char* copyright = nullptr;

  std::optional<int> iiif_version;
  std::optional<bool> iiif_extensions;
  const char* iiif_delimiter = nullptr;   // null or empty: none
  const char* iiif_extra_info = nullptr;  // members of a JSON object, without the braces
};

// A log of our own beside httpd's ErrorLog. Virtual hosts that inherit it share it.
struct LogFile {
  const char* name = nullptr;  // an absolute path, or '|' and a program
  apr_file_t* file = nullptr;  // open from the open_logs phase on
};

struct ServerConfig {
  LogFile* log_file = nullptr;
  std::optional<int> verbosity;
  std::optional<std::uint64_t> max_source_pixels;
  std::optional<std::uint32_t> render_timeout;  // seconds

  // The cluster, see memcached.h.
  MemcachedList* memcached_servers = nullptr;
  std::optional<std::uint32_t> memcached_timeout;   // seconds
  std::optional<std::uint32_t> memcached_deadline;  // milliseconds
  const char* memcached_secret = nullptr;
  const char* memcached_namespace = nullptr;

  // These are set in the main server, and hold for all virtual hosts.
  std::optional<std::uint64_t> image_cache;  // bytes
  std::optional<std::uint64_t> open_images;
  std::optional<std::uint64_t> request_memory;  // bytes
  std::optional<std::uint64_t> render_memory;   // bytes
  std::optional<std::uint32_t> renders;

  const OperatorHandlers* operator_handlers = nullptr;  // set when httpd starts

  // Set when httpd starts, see shared_memory.h and virtual_hosts.h.
  HostState* host = nullptr;
  const char* name = "";
  Digest site;                         // of the name
  std::optional<HashKey> cluster_key;  // from memcached_secret
  CacheClient client{0};

  // Set in each child process, see child.h and memcached.h.
  ConfinedDecoders* decoders = nullptr;  // set in the main server alone
  Service* service = nullptr;
  KnownAnswers* known = nullptr;
  MemcachedStore* remote = nullptr;  // null: none
};

// For the module record.
void* create_dir_config(apr_pool_t* pool, char* directory) noexcept;
void* merge_dir_config(apr_pool_t* pool, void* base, void* added) noexcept;
void* create_server_config(apr_pool_t* pool, server_rec* server) noexcept;
void* merge_server_config(apr_pool_t* pool, void* base, void* added) noexcept;

// For the post_config hook, before anything is written into a ServerConfig: gives each virtual host
// one of its own. httpd lets those without a directive of ours share that of the main server.
void part_server_configs(apr_pool_t* pconf, server_rec* servers);

// For the post_config hook too: notes what handlers the configuration sets.
void note_operator_handlers(apr_pool_t* pconf, server_rec* servers);

const DirConfig& dir_config(const request_rec* r);
ServerConfig& server_config(const server_rec* server);

Settings settings_of(const DirConfig& dir, const ServerConfig& server);
ServiceLimits service_limits(const ServerConfig& main_server);

}  // namespace iip
