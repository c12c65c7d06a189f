// The setter, see setter.h, of IIPWatermark: it reads the mark.
#pragma once

#include "httpd/apache.h"

namespace iip {

// A file that several sections and virtual hosts name is read once, and kept as long as the
// configuration: a restart reads it anew, child processes share its memory.
const char* set_watermark(cmd_parms* cmd, void* dir, const char* value);

}  // namespace iip
