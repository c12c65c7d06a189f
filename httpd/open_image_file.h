// Opening the very file that httpd's core has found and allowed.
#pragma once

#include "engine/base/file.h"
#include "engine/base/result.h"
#include "httpd/apache.h"

namespace iip {

// Service mode: opened beneath the prefix, whatever happened to the path since the core walked it.
// `r` is the request, or subrequest, for prefix and image_file together.
Result<File> open_service_image(request_rec* r, const char* prefix, const char* image_file);

// Document mode: r->filename.
Result<File> open_document(request_rec* r);

}  // namespace iip
