// Setters, see setter.h, for how pictures look and are encoded.
#pragma once

#include "httpd/apache.h"

namespace iip {

const char* set_interpolation(cmd_parms* cmd, void* dir, const char* value);
const char* set_colour(cmd_parms* cmd, void* dir, const char* value);
const char* set_avif_codec(cmd_parms* cmd, void* dir, const char* value);
const char* set_tiff_compression(cmd_parms* cmd, void* dir, const char* value);

}  // namespace iip
