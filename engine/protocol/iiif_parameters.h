// The four parameters of an IIIF image request, decoded text to value. Errors are `malformed`.
// Value types; the functions keep nothing and are for any thread.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/protocol/request.h"

namespace iip {

struct IiifRotation {
  bool mirror = false;
  double degrees = 0;  // 0 <= degrees < 360
};

struct IiifOutput {
  Colouring colouring = Colouring::as_is;
  Processing processing;  // of the qualities that go beyond the specification
  Format format = Format::jpeg;
};

Result<Region> parse_iiif_region(std::string_view text);
Result<SizeRequest> parse_iiif_size(std::string_view text, int version);
Result<IiifRotation> parse_iiif_rotation(std::string_view text);
// "<quality>.<format>"; `extended`: with the qualities negative, stretch, equalization and log.
Result<IiifOutput> parse_iiif_output(std::string_view text, int version, bool extended);

}  // namespace iip
