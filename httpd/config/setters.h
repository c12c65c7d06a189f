// The setters of the directives whose values have a check of their own. Each checks what stands in
// the configuration and keeps it in `config`; it returns nullptr, or the message that stops httpd,
// which says what would be right. What is kept lives in cmd->pool, the pool of the configuration.
#pragma once

#include <cstddef>

#include "httpd/apr/apache.h"
#include "httpd/config/config.h"

namespace iip {

template <class Config>
using ListSetter = const char* (*)(cmd_parms*, Config&, int, char* const*);

// The longest texts, in bytes.
inline constexpr std::size_t kLongestNamePart = 128;  // of a file's name, which has at most 255
inline constexpr std::size_t kLongestOrigin = 512;
inline constexpr std::size_t kLongestUrl = 2048;
inline constexpr std::size_t kLongestExtraInfo = std::size_t{16} << 10U;

// Where pictures are, and how answers are addressed.
const char* set_prefix(cmd_parms* cmd, DirConfig& config, const char* value);
const char* set_suffix(cmd_parms* cmd, DirConfig& config, const char* value);
const char* set_filename_pattern(cmd_parms* cmd, DirConfig& config, const char* value);
const char* set_cors(cmd_parms* cmd, DirConfig& config, int count, char* const* values);
const char* set_base_url(cmd_parms* cmd, DirConfig& config, const char* value);
const char* set_iiif_extra_info(cmd_parms* cmd, DirConfig& config, const char* value);

// A file that several sections and virtual hosts name is read once, and kept as long as the
// configuration: a restart reads it anew, child processes share its memory.
const char* set_watermark(cmd_parms* cmd, DirConfig& config, const char* value);

// Logs, and the cluster of servers and virtual hosts.
const char* set_log_file(cmd_parms* cmd, ServerConfig& config, const char* value);
const char* set_memcached_servers(cmd_parms* cmd, ServerConfig& config, int count,
                                  char* const* values);
const char* set_memcached_secret(cmd_parms* cmd, ServerConfig& config, const char* value);

}  // namespace iip
