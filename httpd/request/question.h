// The question of a request: all that the request and the configuration decide its answer by, for
// the table of known answers.
#pragma once

#include <string_view>

#include "httpd/apr/apache.h"
#include "httpd/config/config.h"
#include "httpd/request/state.h"

namespace iip {

// In the request's pool, once the state has its service path. Empty: there
// is none that an answer could be known for, or it is very long.
std::string_view question_of(request_rec* r, const DirConfig& dir, const RequestState& state);

}  // namespace iip
