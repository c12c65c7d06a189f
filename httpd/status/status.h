// The status pages: the handler `iip-status`, and a section in mod_status's own page.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

// `SetHandler iip-status`: GET shows the report; POST forgets pictures, see purge.h. 403 where the
// handler comes from a .htaccess.
int status_handler(request_rec* r);

// For mod_status, likewise. `flags` are its AP_STATUS_ ones.
int status_section(request_rec* r, int flags) noexcept;

}  // namespace iip
