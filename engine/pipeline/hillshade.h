// Hillshading: how light from one side falls on a surface, as one channel of fractions.
//
// A picture of three or more channels is a map of normals. As in IIP servers before this one, the
// vector at a pixel is n = 1 - 2v for each of the first three channels (0 where all are 0), the
// light is l = (sin a, cos a, -sin e) made a vector of length 1, for the azimuth a and elevation e,
// and the result is n.l / 2, cut to 0..1.
//
// A picture of one or two channels is a map of heights z, the first channel, in the file's own
// values. One unit of height is as long as the side of one pixel of the full-size image, whatever
// the size at which it is delivered, so that slopes are the same at every zoom. With central
// differences (one-sided at the edges of the image) of the delivered pixels,
//
//   p = (z(x+1) - z(x-1)) / 2dx     q = (z(y-1) - z(y+1)) / 2dy     (x to the east, y to the south)
//   shade = (cos e (-p sin a - q cos a) + sin e) / sqrt(1 + p^2 + q^2), cut to 0..1
//
// where the azimuth a is counted clockwise from the north, the top of the picture, and the
// elevation e from the horizon. That is the shade of a matt surface: flat ground is sin e. A height
// that is not finite is shown black, and its neighbours take it to be as high as they are.
//
// An angle that is not a finite number counts as 0. Shaders are never changed once made, so for any
// number of threads.
#pragma once

#include <span>

#include "engine/model/processing.h"

namespace iip {

// The distance between delivered pixels, in pixels of the full-size image.
struct PixelSpacing {
  double x = 1;
  double y = 1;
};

// Light on a map of heights. Lines are of one width; `left_edge`: the line begins at the edge.
class HeightShader {
 public:
  HeightShader(const Hillshade& light, const PixelSpacing& spacing);

  // Where there is no line above (or below), `here` stands for it and `rows` is 1, else 2: how far
  // the two are apart. Same for the columns at both ends.
  void shade(std::span<const float> above, std::span<const float> here,
             std::span<const float> below, int rows, std::span<float> shades) const;

 private:
  float shade_of(float east_west, float north_south) const;

  float east_;  // of the light, a vector of length 1
  float north_;
  float up_;
  float per_column_;  // 1 / dx
  float per_row_;     // 1 / dy
};

// Light on a map of normals.
class NormalShader {
 public:
  explicit NormalShader(const Hillshade& light);

  // `shades` may be `red`.
  void shade(std::span<const float> red, std::span<const float> green, std::span<const float> blue,
             std::span<float> shades) const;

 private:
  float x_;
  float y_;
  float z_;
};

}  // namespace iip
