// Short ways to parse commands of IIP in a test, and to name what comes out.
#pragma once

#include <string>

#include "parsing.h"

namespace iip {

// The image request that `commands` make of an image, or nullopt.
inline std::optional<ImageRequest> convert(const std::string& commands) {
  const auto parsed = parse_query("FIF=a.tif&" + commands);
  const ImageRequest* request = image_request(parsed);
  if (request == nullptr) return std::nullopt;
  return *request;
}

inline std::string error_line(const std::string& query) {
  const auto parsed = parse_query(query);
  return parsed ? "" : parsed.error().wire_body;
}

inline ErrorKind error_kind(const std::string& query) {
  const auto parsed = parse_query(query);
  EXPECT_FALSE(parsed) << query;
  return parsed ? ErrorKind::internal : parsed.error().kind;
}

// The line as the protocol defines it, with the length counted here.
inline std::string line(const std::string& text) {
  return "Error/" + std::to_string(text.size()) + ":" + text + "\r\n";
}

}  // namespace iip
