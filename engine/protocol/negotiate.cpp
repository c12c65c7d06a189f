#include "engine/protocol/negotiate.h"

#include <algorithm>

#include "engine/base/text.h"

namespace iip {

namespace {

// Like take_until, but a separator inside a quoted string does not count.
std::string_view take_unquoted(std::string_view& text, char separator) {
  bool quoted = false;
  std::size_t end = 0;
  while (end < text.size() && (quoted || text[end] != separator)) {
    if (quoted && text[end] == '\\') {
      ++end;  // the next character stands for itself
    } else if (text[end] == '"') {
      quoted = !quoted;
    }
    ++end;
  }
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

struct MediaRange {
  std::string_view text;  // with its parameters
  std::string_view type;  // such as application/json, */*
  double q = 1;           // 0: not acceptable
};

double parse_q(std::string_view text) {
  const auto q = parse_decimal(text);
  return q && *q <= 1 ? *q : 0;
}

MediaRange take_media_range(std::string_view& accept) {
  MediaRange range;
  range.text = take_unquoted(accept, ',');
  std::string_view parameters = range.text;
  range.type = trim(take_unquoted(parameters, ';'));
  while (!parameters.empty()) {
    std::string_view value = take_unquoted(parameters, ';');
    const std::string_view name = trim(take_until(value, '='));
    if (equal_ignoring_case(name, "q")) range.q = parse_q(trim(value));
  }
  return range;
}

// 2 or 3 where the text names that version's context, else 0.
int version_of_context(std::string_view text) {
  if (text.find("http://iiif.io/api/image/3/context.json") != std::string_view::npos) return 3;
  if (text.find("http://iiif.io/api/image/2/context.json") != std::string_view::npos) return 2;
  return 0;
}

enum class Match { none, any, any_application, by_name };

Match match_of(std::string_view range, std::string_view type) {
  if (equal_ignoring_case(range, type)) return Match::by_name;
  if (equal_ignoring_case(range, "application/*")) return Match::any_application;
  return range == "*/*" ? Match::any : Match::none;
}

// How welcome one media type is: the q of the range that fits it best.
struct Welcome {
  Match match = Match::none;
  double q = 0;

  void consider(const MediaRange& range, std::string_view type) {
    const Match found = match_of(range.type, type);
    if (found == Match::none || found < match) return;
    q = found == match ? std::max(q, range.q) : range.q;
    match = found;
  }
};

}  // namespace

int negotiate_iiif_version(std::string_view accept, int preferred) {
  int version = preferred;
  double best = 0;
  while (!accept.empty()) {
    const MediaRange range = take_media_range(accept);
    const int named = version_of_context(range.text);
    if (named == 0 || range.q == 0) continue;
    if (range.q > best || (range.q == best && named == preferred)) version = named;
    best = std::max(best, range.q);
  }
  return version;
}

IiifInfo negotiate_iiif_info(std::string_view accept, int version) {
  Welcome json;
  Welcome json_ld;
  while (!accept.empty()) {
    const MediaRange range = take_media_range(accept);
    json.consider(range, "application/json");
    json_ld.consider(range, "application/ld+json");
  }
  if (version == 2) {
    const bool asked_for = json_ld.match == Match::by_name && json_ld.q > 0 && json_ld.q >= json.q;
    return {.version = 2, .json_ld = asked_for, .with_profile = false};
  }
  const bool json_preferred =
      json.q > json_ld.q || (json.q > 0 && json.q == json_ld.q && json.match > json_ld.match);
  return {.version = 3, .json_ld = !json_preferred, .with_profile = !json_preferred};
}

}  // namespace iip
