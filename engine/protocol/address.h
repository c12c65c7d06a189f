// What IIIF, DeepZoom and Zoomify URLs have in common: the image's identifier, then segments that
// say what is wanted of it. They are read from the right, so that an identifier may hold slashes. A
// value type; the functions keep nothing and are for any thread.
#pragma once

#include <string_view>
#include <utility>

#include "engine/protocol/request.h"

namespace iip {

struct Addressed {
  std::string_view identifier;  // raw, a part of the text that was parsed; may be empty
  Request request;
};

// Takes what follows the last '/' off the end of `text`, with that '/', and returns it (all of it
// where there is no '/').
inline std::string_view take_last_segment(std::string_view& text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return std::exchange(text, {});
  const std::string_view last = text.substr(slash + 1);
  text = text.substr(0, slash);
  return last;
}

}  // namespace iip
