// The kernels of CNV, by name (sobel, prewitt, scharr, laplace, gaussian, sharpen, emboss) or by
// their 1, 9 or 25 weights, row by row, between brackets or not.
#pragma once

#include <optional>
#include <string_view>

#include "engine/model/processing.h"

namespace iip {

// Comma-separated numbers between brackets, or without them: what is between.
std::string_view without_brackets(std::string_view text);

// A number of a list, with blanks around it; held to -1e30 ... 1e30, as a float.
std::optional<float> parse_factor(std::string_view text);

// nullopt: a list of the right length that holds something else than numbers. The inner nullopt is
// what is no kernel (another name or length), which counts as none given.
std::optional<std::optional<Kernel>> parse_kernel(std::string_view text);

}  // namespace iip
