// The error line of the Internet Imaging Protocol: `Error/<length>:<code> <argument>` and CRLF,
// where <length> counts what stands between the colon and the CRLF.
//
// The argument echoes text of the request, so it is cut to 64 characters and anything but printable
// ASCII is shown as '?'. The line becomes Error::wire_body; `message` is the same for a log or for
// a reader who does not speak IIP, and must not quote the request.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace iip {

namespace iip_code {
inline constexpr std::string_view kNoImage = "1 3";
// Nothing was produced, or a command could not be understood.
inline constexpr std::string_view kMalformed = "2 1";
inline constexpr std::string_view kUnknownCommand = "2 2";
inline constexpr std::string_view kUnknownObject = "3 2";
}  // namespace iip_code

std::string iip_error_line(std::string_view code, std::string_view argument);

tl::unexpected<Error> iip_fail(ErrorKind kind, std::string_view code, std::string_view argument,
                               std::string message);

// Gives an error that arose behind the parser (no such file, no such tile, busy) the body that a
// client of this protocol looks for; one that has a body keeps it.
Error with_iip_body(Error error);

}  // namespace iip
