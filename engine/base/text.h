// Text in and out of URLs, headers and numbers: strict where the bytes come from the network.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>

namespace iip {

// Decimal digits only: no sign, no space, no exponent, the whole of `text`.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

// Digits with at most one '.', at least one digit; no sign, exponent, inf or nan. The form that
// IIIF allows in URLs ("5", "5.", ".5", "0.50").
std::optional<double> parse_decimal(std::string_view text);

// As parse_decimal, with an optional leading '-' or '+' and an optional exponent, always finite:
// the numbers of IIP commands.
std::optional<double> parse_signed_decimal(std::string_view text);

bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);

// Takes the part of `text` before the first `separator` off its front (all of it where there is
// none) and returns it.
std::string_view take_until(std::string_view& text, char separator);

// Decodes each %HH once. nullopt for a malformed escape or a decoded NUL. '+' stays '+', unless
// `plus_is_space` (query strings of forms).
std::optional<std::pmr::string> percent_decode(std::string_view text,
                                               std::pmr::memory_resource* memory,
                                               bool plus_is_space = false);

// Makes raw URL text fit for a URL that we print: valid escapes and legal characters stay as they
// are; everything else (space, quotes, controls, bytes above 126, stray '%') is escaped.
std::pmr::string percent_normalise(std::string_view raw, std::pmr::memory_resource* memory);

// Escapes everything but unreserved characters (RFC 3986).
std::pmr::string percent_encode(std::string_view text, std::pmr::memory_resource* memory);

// `text` if it is valid UTF-8, else each of its bytes taken as a Latin-1 character: what a file of
// unknown origin says, fit for JSON and XML.
std::string to_utf8(std::string_view text);

// `text` with the characters that end an attribute or element escaped.
std::pmr::string xml_escape(std::string_view text, std::pmr::memory_resource* memory);

template <std::integral T>
void append_number(std::pmr::string& out, T value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

// The shortest decimal text that reads back as `value`; integers without a point.
void append_number(std::pmr::string& out, double value);

}  // namespace iip
