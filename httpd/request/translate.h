// The hooks that make the image file the resource of a service request, so that httpd's own rules
// for files (<Directory>, Require, Options, .htaccess) hold for it.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

// Decodes the path of a service request with its %2F kept, so that identifiers with slashes work
// whatever AllowEncodedSlashes says. Runs before the path is decoded by the core.
int pre_translate_name(request_rec* r);

// Parses a service request and names its image file in r->filename.
int translate_name(request_rec* r);

// Keeps the core from walking directories for a request that has no file.
int map_to_storage(request_rec* r);

// Makes sure that our handler gets the request, whatever the image file's own name suggests.
int fixups(request_rec* r);

// Tells the administrator what a 403 on an image may be missing.
int log_transaction(request_rec* r);

}  // namespace iip
