// The DeepZoom descriptor. Some viewers cut it apart as text: attributes in this order, in double
// quotes.
#include "engine/base/text.h"
#include "engine/describe/describe.h"
#include "engine/image/presentation.h"

namespace iip {

std::pmr::string deepzoom_descriptor(const DeepZoomDescriptor& request, const ImageInfo& info,
                                     std::pmr::memory_resource* memory) {
  std::pmr::string out(memory);
  out += R"(<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" TileSize=")";
  append_number(out, presented_square_tile(info));
  out += R"(" Overlap="0" Format=")";
  out += extension_of(request.format);
  out += R"("><Size Width=")";
  append_number(out, info.size().width);
  out += R"(" Height=")";
  append_number(out, info.size().height);
  out += R"("/></Image>)";
  return out;
}

}  // namespace iip
