// The URIs that the IIIF Image API fixes, by its major version: 2, else 3.
#pragma once

#include <string_view>

namespace iip {

inline constexpr std::string_view kIiifProtocol = "http://iiif.io/api/image";

constexpr std::string_view iiif_context(int version) {
  return version == 2 ? "http://iiif.io/api/image/2/context.json"
                      : "http://iiif.io/api/image/3/context.json";
}

constexpr std::string_view iiif_level2(int version) {
  return version == 2 ? "http://iiif.io/api/image/2/level2.json"
                      : "http://iiif.io/api/image/3/level2.json";
}

}  // namespace iip
