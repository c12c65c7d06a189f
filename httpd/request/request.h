// Which requests are a service's, and what part of each is meant for the engine.
#pragma once

#include "engine/base/result.h"
#include "engine/protocol/parse.h"
#include "httpd/apr/apache.h"
#include "httpd/config/config.h"
#include "httpd/request/state.h"

namespace iip {

// Whether the configuration in force for the URL (no directory has been looked at yet) says
// `SetHandler iip`.
bool is_service_request(request_rec* r);

// Brings the configuration in force up to date with a URL that a rewrite rule has changed.
void follow_rewrite(request_rec* r);

// The URL path at which the service lives: that of the last <Location> or <LocationMatch> that
// applies and sets a handler, "" where the whole server is one. Decoded, without a final '/'.
const char* find_service_path(request_rec* r);

// The part of the request that the engine parses. Views into the request's pool.
Result<Target> service_target(request_rec* r, const RequestState& state);
Result<Target> document_target(request_rec* r);

ParseOptions parse_options(const DirConfig& dir);

// The protocol by which an answer is given where there is no parsed request to tell it.
Protocol likely_protocol(const request_rec* r, const DirConfig& dir);

}  // namespace iip
