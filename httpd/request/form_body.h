// The body of a POST, which holds what a GET has in its query.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "httpd/apr/apache.h"

namespace iip {

// Does the request announce a body? The client may take its time with that.
bool has_body(const request_rec* r);

// Reads the whole body, at most 8190 bytes, into the request's pool. Line ends after it are left
// out. A request that another one was redirected to within the server has the body of that one,
// where it was read already. Errors: too_large, malformed (the body did not arrive).
Result<std::string_view> form_of(request_rec* r);

}  // namespace iip
