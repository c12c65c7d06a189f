#include "engine/base/iip_error.h"

#include <cstddef>

namespace iip {

namespace {

constexpr std::size_t kLongestArgument = 64;

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

}  // namespace

std::string iip_error_line(std::string_view code, std::string_view argument) {
  std::string text(code);
  text += ' ';
  std::size_t kept = 0;
  for (const char c : argument) {
    if (!is_printable(c)) continue;
    if (kept++ == kLongestArgument) break;
    text += c;
  }
  return "Error/" + std::to_string(text.size()) + ':' + text + "\r\n";
}

}  // namespace iip
