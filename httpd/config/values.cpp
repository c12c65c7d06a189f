#include "httpd/config/values.h"

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

// Is told of a JSON text piece by piece, and ends the reading where it is not an object or goes
// beyond the limits. No value is built: those of deep nesting are written, and were once destroyed,
// by recursion.
class JsonObjectCheck {
 public:
  explicit JsonObjectCheck(const JsonLimits& limits) : limits_(limits) {}

  bool null() { return take(); }
  bool boolean(bool /*value*/) { return take(); }
  bool number_integer(std::int64_t /*value*/) { return take(); }
  bool number_unsigned(std::uint64_t /*value*/) { return take(); }
  bool number_float(double /*value*/, const std::string& /*text*/) { return take(); }
  bool string(const std::string& /*value*/) { return take(); }
  bool binary(const nlohmann::json::binary_t& /*value*/) { return false; }
  bool key(const std::string& /*name*/) { return true; }
  bool start_object(std::size_t /*count*/) { return ++depth_ <= limits_.depth && count(); }
  bool end_object() { return leave(); }
  bool start_array(std::size_t /*count*/) {
    return depth_++ > 0 && depth_ <= limits_.depth && count();
  }
  bool end_array() { return leave(); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const std::exception& /*error*/) {
    return false;
  }

 private:
  // A value that is no object is one within an object.
  bool take() { return depth_ > 0 && count(); }
  bool count() { return ++values_ <= limits_.values; }
  bool leave() {
    --depth_;
    return true;
  }

  const JsonLimits limits_;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
};

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

std::optional<std::string> read_json_members(std::string_view text, const JsonLimits& limits) {
  text = trim(text);
  if (text.empty()) return std::string();
  const bool braced = text.starts_with('{');
  std::string object = braced ? std::string(text) : "{" + std::string(text) + "}";
  JsonObjectCheck check(limits);
  if (!nlohmann::json::sax_parse(object, &check)) return std::nullopt;
  return std::string(trim(std::string_view(object).substr(1, object.size() - 2)));
}

}  // namespace iip
