#include "engine/protocol/iip_error.h"

#include <algorithm>

namespace iip {

std::string iip_error_line(std::string_view code, std::string_view argument) {
  constexpr std::size_t kLongestArgument = 64;
  std::string text(code);
  text += ' ';
  text += argument.substr(0, kLongestArgument);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return "Error/" + std::to_string(text.size()) + ":" + text + "\r\n";
}

tl::unexpected<Error> iip_fail(ErrorKind kind, std::string_view code, std::string_view argument,
                               std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message), {}, iip_error_line(code, argument)});
}

Error with_iip_body(Error error) {
  if (!error.wire_body.empty()) return error;
  const bool is_missing = error.kind == ErrorKind::not_found || error.kind == ErrorKind::forbidden;
  error.wire_body =
      iip_error_line(is_missing ? iip_code::kNoImage : iip_code::kMalformed, error.message);
  return error;
}

}  // namespace iip
