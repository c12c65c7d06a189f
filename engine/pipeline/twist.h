// Colour twist (CTW): each channel made is a sum of the channels there are, by the factors of a
// row.
//
//   out_k = sum over j of M[k][j] in_j
//
// Factors that a row lacks are 0; those for channels that there are not are left out.
#pragma once

#include <span>
#include <vector>

#include "engine/pipeline/planar_line.h"

namespace iip {

// How many channels from the first the rows look at, at most `channels`.
int channels_twisted(std::span<const std::vector<float>> rows, int channels);

// One channel of `to` for each of the rows, from the first `channels` of `from`.
void twist(const PlanarLine& from, int channels, std::span<const std::vector<float>> rows,
           PlanarLine& to);

}  // namespace iip
