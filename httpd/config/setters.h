// The setters, see setter_templates.h, of the directives that have a check of their own.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

// Where pictures are, and how answers are addressed.
const char* set_prefix(cmd_parms* cmd, void* dir, const char* value);
const char* set_suffix(cmd_parms* cmd, void* dir, const char* value);
const char* set_filename_pattern(cmd_parms* cmd, void* dir, const char* value);
const char* set_protocol(cmd_parms* cmd, void* dir, const char* value);
const char* set_cors(cmd_parms* cmd, void* dir, int count, char* const values[]);
const char* set_base_url(cmd_parms* cmd, void* dir, const char* value);
const char* set_iiif_extra_info(cmd_parms* cmd, void* dir, const char* value);

// How pictures look and are encoded.
const char* set_interpolation(cmd_parms* cmd, void* dir, const char* value);
const char* set_colour(cmd_parms* cmd, void* dir, const char* value);
const char* set_avif_codec(cmd_parms* cmd, void* dir, const char* value);
const char* set_tiff_compression(cmd_parms* cmd, void* dir, const char* value);

// The watermark.

// A file that several sections and virtual hosts name is read once, and kept as long as the
// configuration: a restart reads it anew, child processes share its memory.
const char* set_watermark(cmd_parms* cmd, void* dir, const char* value);

// Logs, and the cluster of servers and virtual hosts.
const char* set_log_file(cmd_parms* cmd, void* dir, const char* value);
const char* set_memcached_servers(cmd_parms* cmd, void* dir, int count, char* const values[]);
const char* set_memcached_secret(cmd_parms* cmd, void* dir, const char* value);

}  // namespace iip
