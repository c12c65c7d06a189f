// What the Accept header decides for IIIF: the version of the Image API, and the media type of
// info.json. A header that makes no sense decides nothing.
#pragma once

#include <string_view>

#include "engine/protocol/request.h"

namespace iip {

// The version whose context (http://iiif.io/api/image/N/context.json) `accept` names with the
// highest q; `preferred` where it names none that is served, or both alike.
int negotiate_iiif_version(std::string_view accept, int preferred);

// Version 2 is application/json unless application/ld+json is asked for by name. Version 3 is
// application/ld+json with a profile unless application/json is preferred to it: by q, and where q
// does not tell, by naming the one and not the other. Where neither is acceptable, as where there
// is no header at all, the version's default is sent: that serves the client better than a 406.
IiifInfo negotiate_iiif_info(std::string_view accept, int version);

}  // namespace iip
