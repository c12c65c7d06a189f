// What an answer consists of: its head, which says all that can be said before its body is there,
// and the body. Values; whoever holds one may hand it to any thread. The memory resource that texts
// and headers were made with must outlive them; a copy that is assigned to an object with the
// default resource is independent of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/hash.h"

namespace iip {

struct Header {
  std::string_view name;
  std::pmr::string value;
};

// Where a picture came from: the tile cache, the store between machines, another request that made
// it at the same time, or it was made.
enum class PictureOrigin : std::uint8_t { cache, remote, another_request, made };

// Status, validators and headers. It is all that a conditional request is answered from, and it is
// kept for questions that are asked again.
struct AnswerHead {
  int status = 200;           // 200, or 303 with a Location header
  Digest etag;                // strong; all zero for a redirect
  std::int64_t mtime_ns = 0;  // of the image file
  bool settled = false;       // the file's later changes will show in the ETag
  std::pmr::string content_type;
  std::pmr::vector<Header> headers;
};

// How an answer came about, for logs and counters.
enum class AnswerPath : std::uint8_t { document, stored_tile, tile, region };
struct AnswerCourse {
  AnswerPath path = AnswerPath::document;
  std::optional<PictureOrigin> origin;  // of a tile or region
  std::chrono::microseconds waited{0};
  std::chrono::microseconds made_in{0};
};

// Text, then bytes, then a slice of the image file; each may be empty.
struct Body {
  std::pmr::string text;
  Bytes bytes;
  std::uint64_t file_offset = 0;
  std::uint64_t file_length = 0;
  AnswerCourse course = {};

  std::uint64_t length() const { return text.size() + bytes.size() + file_length; }
};

}  // namespace iip
