// Processing: what a client wants done to the values of a picture, in the terms of the Internet
// Imaging Protocol. A value type; the default does nothing.
//
// The parts apply in the order in which they stand here, whatever the order in which they were
// asked for. Values are those of the file until `ranges` maps them to 0..1; from there on they are
// fractions, where nothing is cut off before the last step makes whole samples of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/hash.h"

namespace iip {

// MINMAX: the values of a channel that become 0 and 1. In the file's own terms.
struct ChannelRange {
  std::optional<int> channel;  // from 0; nullopt: all
  double min = 0;
  double max = 0;
};

// CNT=stretch takes the range from the image, CNT=eq spreads its histogram.
enum class Spread : std::uint8_t { as_is, stretch, equalise };

// SHD: light from the compass direction `azimuth`, `elevation` above the horizon, in degrees.
struct Hillshade {
  double azimuth = 0;
  double elevation = 0;
};

// CTW: one row of factors for each channel made, one column for each channel there is; what is
// missing counts as 0.
using ColourTwist = std::vector<std::vector<float>>;

enum class ColourMap : std::uint8_t {
  none,
  hot,
  cold,
  jet,
  red,
  green,
  blue,
  viridis,
  magma,
  inferno,
  plasma,
  cividis,
};

// CNV: weights of a square with an odd side of 1, 3 or 5, row by row.
struct Kernel {
  int side = 1;
  std::array<float, 25> weights{};
};

struct Processing {
  std::vector<ChannelRange> ranges;  // if two are for the same channel, the later holds
  Spread spread = Spread::as_is;
  std::optional<Hillshade> hillshade;
  ColourTwist twist;  // empty: none
  double gamma = 1;   // exponent
  bool logarithm = false;
  bool invert = false;
  ColourMap map = ColourMap::none;
  std::optional<Kernel> kernel;
  double contrast = 1;  // factor

  bool is_neutral() const;
  void add_to(Hasher& hasher) const;
};

}  // namespace iip
