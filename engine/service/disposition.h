// Content-Disposition: the file name that a browser proposes when a picture is saved.
#pragma once

#include <memory_resource>
#include <string>
#include <string_view>

#include "engine/image/geometry.h"
#include "engine/protocol/request.h"

namespace iip {

// `inline` or `attachment`, and <name>_<width>x<height>.<ext>, where name is the image's last path
// component without its extension. A name that is not plain ASCII is also given as filename*
// (RFC 6266); no byte of it can end the header.
std::pmr::string content_disposition(bool as_attachment, std::string_view image_name,
                                     const Size& size, Format format,
                                     std::pmr::memory_resource* memory);

}  // namespace iip
