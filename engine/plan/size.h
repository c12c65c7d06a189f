// The size at which a region is delivered.
#pragma once

#include "engine/base/result.h"
#include "engine/image/delivery.h"
#include "engine/image/image_info.h"
#include "engine/model/settings.h"
#include "engine/protocol/request.h"

namespace iip {

// `region` is not empty and lies within the image. `as_whole`: the request named the whole image
// and not a rectangle that happens to cover it; a width or height that a level has then gives that
// level's size. `rotation` in degrees: what counts against the limits is the box that the picture
// fills once it is turned. Errors: malformed for a size that is empty, larger than the limits or,
// where that is refused, larger than the region; unsupported where enlarging is switched off.
Result<Delivery> deliver(const Rect& region, bool as_whole, const SizeRequest& request,
                         double rotation, const ImageInfo& info, const Settings& settings);

// Tiles come in their own size, whatever the limits, unless they are turned by other than right
// angles: then malformed where the box that they fill is larger than the limits.
Status check_turned(const Size& size, double rotation, const Settings& settings);

}  // namespace iip
