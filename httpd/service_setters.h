// Setters, see setter.h, for where pictures are and how answers are addressed.
#pragma once

#include "httpd/apache.h"

namespace iip {

const char* set_prefix(cmd_parms* cmd, void* dir, const char* value);
const char* set_suffix(cmd_parms* cmd, void* dir, const char* value);
const char* set_filename_pattern(cmd_parms* cmd, void* dir, const char* value);
const char* set_protocol(cmd_parms* cmd, void* dir, const char* value);
const char* set_cors(cmd_parms* cmd, void* dir, int count, char* const values[]);
const char* set_base_url(cmd_parms* cmd, void* dir, const char* value);
const char* set_iiif_extra_info(cmd_parms* cmd, void* dir, const char* value);

}  // namespace iip
