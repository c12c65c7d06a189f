// DeepZoom: `<identifier>.dzi` (or .xml) for the descriptor, `<identifier>_files/L/C_R.jpg` for the
// tile in column C and row R of level L.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/protocol/address.h"

namespace iip {

// Has `text` the form of a DeepZoom URL? The numbers in it are not looked at.
bool is_deepzoom(std::string_view text);

Result<Addressed> parse_deepzoom(std::string_view text);

}  // namespace iip
