// Reading the values of directives. Each function returns nullopt, or false, for a value that is
// not legal; directive_values.h and the setters make the message of it. The functions keep nothing
// and are for any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace iip {

// A whole decimal number with an optional '-', the whole of the text.
std::optional<std::int64_t> read_integer(std::string_view text);

// A decimal number such as 0.25 or 1e-3, the whole of the text.
std::optional<double> read_number(std::string_view text);

// On or Off, in any case of letters.
std::optional<bool> read_switch(std::string_view text);

// Text that can stand in a header or a log line: no control characters.
bool is_plain_text(std::string_view text);

// An http or https URL with a host, without fragment, space or control characters.
bool is_base_url(std::string_view text);

// scheme://host[:port], as browsers send it in Origin.
bool is_origin(std::string_view text);

struct JsonLimits {
  std::size_t depth;   // of objects and arrays within each other, the outermost included
  std::size_t values;  // texts, numbers, objects ... in all
};

// The members of a JSON object, given with or without the braces around them; without them. Nothing
// recurses, however deep the text is nested, and what is beyond the limits is read no further.
std::optional<std::string> read_json_members(std::string_view text, const JsonLimits& limits);

}  // namespace iip
