// The body of a POST, which holds what a GET has in its query.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "httpd/apache.h"

namespace iip {

// Reads the whole body, at most 8190 bytes, into the request's pool. Line ends after it are left
// out. Errors: too_large, malformed (the body did not arrive).
Result<std::string_view> read_form_body(request_rec* r);

}  // namespace iip
