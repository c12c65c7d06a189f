// Short ways to parse in a test, and to name what comes out.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory_resource>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "engine/protocol/parse.h"

namespace iip {

inline std::pmr::memory_resource* heap() { return std::pmr::new_delete_resource(); }

inline Result<Parsed> parse_path(std::string_view path, Protocol protocol = Protocol::automatic,
                                 int version = 3, std::string_view accept = "") {
  return parse({.path = path, .query = "", .accept = accept},
               {.protocol = protocol, .iiif_version = version}, heap());
}

inline Result<Parsed> parse_query(std::string_view query, bool is_post = false) {
  return parse({.path = "", .query = query, .accept = "", .is_post = is_post}, {}, heap());
}

// With IIPIIIFExtensions. `output` is the last segment of the path.
inline Result<Parsed> parse_extended(const std::string& query,
                                     const std::string& output = "default.png") {
  return parse({.path = "a/full/max/0/" + output, .query = query, .accept = ""},
               {.protocol = Protocol::iiif, .iiif_extensions = true}, heap());
}

inline std::optional<Result<Parsed>> parse_in_document(std::string_view path,
                                                       std::string_view query,
                                                       Protocol protocol = Protocol::automatic) {
  return parse_document({.path = path, .query = query, .accept = ""}, {.protocol = protocol},
                        heap());
}

// nullptr where the request is something else, so that EXPECT_/ASSERT_NE tells.
inline const ImageRequest* image_request(const Result<Parsed>& parsed) {
  return parsed ? std::get_if<ImageRequest>(&parsed->request) : nullptr;
}

template <class Info>
const Info* info_request(const Result<Parsed>& parsed) {
  const auto* info = parsed ? std::get_if<InfoRequest>(&parsed->request) : nullptr;
  return info != nullptr ? std::get_if<Info>(info) : nullptr;
}

template <class Form>
const Form* region_of(const Result<Parsed>& parsed) {
  const ImageRequest* image = image_request(parsed);
  return image != nullptr ? std::get_if<Form>(&image->region) : nullptr;
}

inline std::string why(const Result<Parsed>& parsed) {
  return parsed ? "it was accepted" : parsed.error().message + " " + parsed.error().wire_body;
}

}  // namespace iip
