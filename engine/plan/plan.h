// Plan: exactly what will be done to answer an ImageRequest, before any pixel is touched.
//
// make_plan() settles everything that the request, the image and the settings decide: the region in
// pixels, the size delivered, the level to read, and whether a stored tile can go out as it is. The
// plan is canonical: requests that mean the same give equal plans, so its digest (with the file's
// version) names the answer's bytes. A value type; the functions keep nothing and are for any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/hash.h"
#include "engine/base/result.h"
#include "engine/image/delivery.h"
#include "engine/image/image_info.h"
#include "engine/model/settings.h"
#include "engine/protocol/request.h"

namespace iip {

struct Plan {
  // Where the pixels come from: the part `source` of levels[level], scaled to delivery.scaled.
  std::size_t level = 0;
  RectF source;  // in pixels of that level, within it
  // If `source` is exactly one stored tile and delivery.scaled its size: the tile's index.
  std::optional<std::int64_t> tile;
  // The stored JPEG of `tile` may be sent, if the source offers it.
  bool passthrough = false;

  Processing processing;
  ColourPolicy colour = ColourPolicy::keep;
  bool mirror = false;
  double rotation = 0;
  Colouring colouring = Colouring::as_is;
  Encoding encoding;
  Interpolation interpolation = Interpolation::bicubic;
  bool embed_icc = false;
  // The picture says what the file says of itself; `copyright` where that states no rights.
  bool describe = false;
  std::string_view copyright;
  Watermarking watermarking;
  int layers = 0;  // quality layers to decode; 0: all

  Delivery delivery;  // the same, seen from outside

  // `source` has whole-numbered edges and no scaling takes place.
  bool is_copy() const;
  // Does the picture, as delivered, need an alpha channel (rotation by odd angles)?
  bool uncovers_corners() const;

  void add_to(Hasher& hasher) const;
};

Result<Plan> make_plan(const ImageRequest& request, const ImageInfo& info,
                       const Settings& settings);

}  // namespace iip
