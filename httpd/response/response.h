// From the engine's answers to httpd's responses: status, headers, and one brigade.
//
// Each function sends a complete response and returns what the handler returns to httpd.
#pragma once

#include "engine/base/result.h"
#include "engine/service/answer.h"
#include "httpd/apr/apache.h"
#include "httpd/config/config.h"

namespace iip {

// The headers of an answer that is known but for its body: Content-Type, ETag, Last-Modified,
// Cache-Control where nobody has set it, Vary, and the engine's own.
void add_answer_headers(request_rec* r, const AnswerHead& head, const DirConfig& dir,
                        bool varies_on_accept);

// The body of an answer. Bytes go out without a copy; a slice of the file goes out of `file`, whose
// descriptor it takes; null for a body without one.
int send_body(request_rec* r, Body body, File* file);

// An answer without a body: a redirect, HEAD, a preflight.
int send_headers_only(request_rec* r);

// A text that no cache is to keep, under any status. `type` is its Content-Type.
int send_text(request_rec* r, int status, std::string_view text, const char* type);

// An error, as one line of text (or the body that the protocol prescribes) under the status of its
// kind, with one line in the log; `name` is the image's, for the log. Leaves the body to httpd
// where an ErrorDocument is configured.
int send_error(request_rec* r, const Error& error, const char* name);

// 405. `methods` are those allowed, as for the Allow header.
int send_method_not_allowed(request_rec* r, const char* methods);

}  // namespace iip
