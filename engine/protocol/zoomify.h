// Zoomify: `<identifier>/ImageProperties.xml` for the descriptor,
// `<identifier>/TileGroupN/Z-X-Y.jpg` for the tile in column X and row Y of tier Z. Clients
// disagree on N, so it is not looked at.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/protocol/address.h"

namespace iip {

// Has `text` the form of a Zoomify URL? The numbers of the tile are not looked at.
bool is_zoomify(std::string_view text);

Result<Addressed> parse_zoomify(std::string_view text);

}  // namespace iip
