// The image resources that Photoshop keeps in TIFF (tag 34377) and JPEG (APP13) files.
//
// Source: Adobe Photoshop file formats specification, "Image resource blocks".
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"

namespace iip {

constexpr std::uint16_t kPhotoshopIptc = 0x0404;  // IIM records

// What the resource `id` holds, a part of `resources`; empty where it is not there.
ByteSpan photoshop_resource(ByteSpan resources, std::uint16_t id);

}  // namespace iip
