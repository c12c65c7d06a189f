// Text answers about an image: each function writes one document. Text from the image file is
// hostile and is escaped for the format it goes into. Value types; the functions keep nothing and
// are for any thread.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/image/delivery.h"
#include "engine/image/image_info.h"
#include "engine/model/settings.h"
#include "engine/protocol/request.h"

namespace iip {

// iiif_info.cpp. `id` is the image's public base URI, without a trailing slash.
std::pmr::string iiif_info_json(const IiifInfo& request, const ImageInfo& info,
                                const Settings& settings, std::string_view id,
                                std::pmr::memory_resource* memory);
// The Content-Type that belongs to it.
std::string_view iiif_info_type(const IiifInfo& request);

// iiif_links.cpp: the value of the Link header of an image (profile and, unless processing in the
// query asks for more than a URL of the specification can say, canonical), or of an info.json
// (profile).
std::pmr::string iiif_image_links(const Delivery& delivery, const ImageRequest& request,
                                  const ImageInfo& info, std::string_view id,
                                  std::pmr::memory_resource* memory);
std::pmr::string iiif_info_links(const IiifInfo& request, std::pmr::memory_resource* memory);

// deepzoom.cpp, zoomify.cpp: the descriptors, XML on one line.
std::pmr::string deepzoom_descriptor(const DeepZoomDescriptor& request, const ImageInfo& info,
                                     std::pmr::memory_resource* memory);
std::pmr::string zoomify_properties(const ImageInfo& info, std::pmr::memory_resource* memory);

// iip_objects.cpp: the answer to one or more OBJ commands, and its Content-Type.
struct IipAnswer {
  std::pmr::string text;
  std::string_view type;
};
// The angles of the image sequence that an image is a frame of; both empty: it is of none.
struct SequenceAngles {
  std::span<const std::int64_t> horizontal;
  std::span<const std::int64_t> vertical;
};
// Does a request ask for them?
bool asks_for_views(const IipObjects& request);
// An object that is asked for again is answered once. Fails with too_large where the answer is more
// than 16 MB, with the `Error/3 2` body for an unknown object, and `2 1` where nothing was
// produced.
Result<IipAnswer> iip_objects_text(const IipObjects& request, const ImageInfo& info,
                                   const SequenceAngles& angles, const Settings& settings,
                                   std::pmr::memory_resource* memory);

// iip_metadata.cpp: what the file says of itself, as a JSON object: a member for each text that it
// has, in the order of the alphabet. And the pages of its stack, as a JSON array.
std::string metadata_json(const ImageInfo& info, std::string_view rights);
std::string stack_json(const ImageInfo& info);

}  // namespace iip
