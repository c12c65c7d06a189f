// The content handlers: where a request that httpd has let through meets the engine.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

// `iip`: a service over a tree of images. `iip-image`: an image of the document root, as a service
// below its own URL.
int handler(request_rec* r);

}  // namespace iip
