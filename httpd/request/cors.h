// Cross-origin access: which pages may read the answers from scripts.
#pragma once

#include "httpd/apr/apache.h"
#include "httpd/config/config.h"

namespace iip {

// For the registration of the module's hooks.
void register_cors_filter() noexcept;

// Puts Access-Control-Allow-Origin (and Vary: Origin, where it depends on the origin) where errors
// of httpd's own and 304 answers carry it too. `protocol` chooses the default: everybody for IIIF,
// nobody for the others. What the administrator sets by mod_headers wins.
void allow_origin(request_rec* r, const DirConfig& dir, Protocol protocol);

// Answers what a browser asks before it sends a request with headers of its own. `methods` is the
// list for Allow.
void add_preflight_headers(request_rec* r, const char* methods);

}  // namespace iip
