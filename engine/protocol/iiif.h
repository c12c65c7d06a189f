// IIIF Image API 2.1.1 and 3.0:
//   <identifier>/<region>/<size>/<rotation>/<quality>.<format>   an image
//   <identifier>/info.json                                       its description
//   <identifier>, <identifier>/                                  the base URI
//
// Where it is extended, the first takes commands of IIP in its query as well, see
// processing_commands.h, and BIT=8, 16 or 32. Other things in the query are not looked at.
//
// The parameters are read from the right. Each is percent-decoded first, since browsers send '^' as
// %5E and some libraries escape commas. Numbers are strict: digits, and a point where decimals are
// allowed. A value type; the functions keep nothing and are for any thread.
#pragma once

#include <memory_resource>
#include <string_view>

#include "engine/base/result.h"
#include "engine/protocol/address.h"

namespace iip {

struct IiifOptions {
  int version = 3;              // 2 or 3, where the Accept header does not choose
  std::string_view accept;      // the Accept header
  bool extended = false;        // further qualities, and processing in the query
  std::string_view query = {};  // raw
};

bool is_iiif_info(std::string_view text);

// Is `text` an image request, well-formed or meant to be one? `memory` is for text that is needed
// meanwhile.
bool is_iiif_image(std::string_view text, const IiifOptions& options,
                   std::pmr::memory_resource* memory);

// Text that is neither of these is a base URI. Errors are `malformed`.
Result<Addressed> parse_iiif(std::string_view text, const IiifOptions& options,
                             std::pmr::memory_resource* memory);

}  // namespace iip
