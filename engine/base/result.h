// Errors are values.
//
// Every operation that can fail for a reason outside the program (a request, a file, a limit)
// returns Result<T>. An Error says three things to three readers: `kind` tells the adaptor which
// HTTP status to send, `message` is one line for the client (never a path of the machine, never
// unescaped request text), and `detail` is for the server's log (file, reason, numbers).
//
// A value type.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace iip {

enum class ErrorKind {
  malformed,    // 400: cannot be parsed, or asks for something impossible
  forbidden,    // 403: not configured to be served
  not_found,    // 404: no such file, or not an image
  too_large,    // 413: can never fit the configured limits
  corrupt,      // 500: the image file is damaged
  internal,     // 500: a fault of the server itself
  unsupported,  // 501: valid, but not served by this version
  busy,         // 503: would fit, but not now
  client_gone,  // nobody is left to answer
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  std::string detail;
  // The exact body where a protocol prescribes one (the IIP `Error/` lines); else empty.
  std::string wire_body;
};

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string detail = {}) {
  return tl::unexpected<Error>(Error{kind, std::move(message), std::move(detail), {}});
}

// An error about an image file that is not what it claims to be. `detail` begins with the format's
// name.
inline tl::unexpected<Error> damaged(std::string detail) {
  return fail(ErrorKind::corrupt, "The image file is damaged", std::move(detail));
}

// Passes an error of one Result on as the error of another.
template <class T>
tl::unexpected<Error> pass_on(Result<T>& result) {
  return tl::unexpected<Error>(std::move(result.error()));
}

}  // namespace iip
