#include "httpd/values.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"

namespace iip {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// What follows http:// or https://; empty if `text` begins with neither.
std::string_view behind_http(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (equal_ignoring_case(text.substr(0, scheme.size()), scheme)) {
      return text.substr(scheme.size());
    }
  }
  return {};
}

bool is_object(const std::string& text) {
  const auto value = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_object();
}

}  // namespace

std::optional<std::int64_t> read_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<bool> read_switch(std::string_view text) {
  if (equal_ignoring_case(text, "on")) return true;
  if (equal_ignoring_case(text, "off")) return false;
  return std::nullopt;
}

bool is_plain_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), is_control);
}

bool is_base_url(std::string_view text) {
  const std::string_view rest = behind_http(text);
  return !rest.empty() && rest[0] != '/' && is_plain_text(text) &&
         text.find_first_of(" #\"<>\\") == std::string_view::npos;
}

bool is_origin(std::string_view text) {
  const auto separator = text.find("://");
  if (separator == std::string_view::npos || separator == 0) return false;
  const std::string_view host = text.substr(separator + 3);
  return !host.empty() && is_plain_text(text) &&
         host.find_first_of("/?#@* ,\"") == std::string_view::npos;
}

std::optional<std::string> read_json_members(std::string_view text) {
  text = trim(text);
  if (text.empty()) return std::string();
  const bool braced = text.starts_with('{');
  std::string object = braced ? std::string(text) : "{" + std::string(text) + "}";
  if (!is_object(object)) return std::nullopt;
  return std::string(trim(std::string_view(object).substr(1, object.size() - 2)));
}

}  // namespace iip
