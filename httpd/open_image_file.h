// Opening the very file that httpd's core has found and allowed.
#pragma once

#include "engine/base/file.h"
#include "engine/base/result.h"
#include "httpd/apache.h"
#include "httpd/state.h"

namespace iip {

// Service mode: opened beneath the prefix, whatever happened to the path since the core walked it.
Result<File> open_service_image(request_rec* r, const RequestState& state);

// Document mode: r->filename.
Result<File> open_document(request_rec* r);

}  // namespace iip
