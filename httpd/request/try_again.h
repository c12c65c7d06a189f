// Requests whose file was replaced between the check of access and the opening start over: whatever
// is decided by the file's path is decided again, for the file that is there now.
#pragma once

#include "engine/base/file.h"
#include "engine/base/result.h"
#include "httpd/apr/apache.h"

namespace iip {

// How often a request or a lookup is begun, before it is answered with 503.
constexpr int kAttempts = 5;

// Was the file another one than was allowed?
bool is_worth_another_attempt(const Result<File>& file);

// Answers the request by beginning it anew, an internal redirect to its own URL. Its body must not
// have been begun, or be known to form_of(). False where it was begun often enough.
bool try_again(request_rec* r);

// Whether `r` is another attempt at a request.
bool is_another_attempt(const request_rec* r);

}  // namespace iip
