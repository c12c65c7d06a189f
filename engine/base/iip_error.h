// The error body that the Internet Imaging Protocol prescribes.
//
// Codes: "1 3" no image, "2 1" malformed or nothing produced, "2 2" unknown command, "3 2" unknown
// object. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace iip {

// `Error/L:code argument` and CRLF, where L counts the bytes from the code to the argument's end.
// The argument comes from the client: only its printable ASCII is kept, 64 characters at most.
std::string iip_error_line(std::string_view code, std::string_view argument);

}  // namespace iip
