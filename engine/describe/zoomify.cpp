// Zoomify's ImageProperties.xml. Viewers take its values by position: the attributes stay in this
// order.
#include "engine/base/text.h"
#include "engine/describe/describe.h"
#include "engine/image/computed_pyramid.h"
#include "engine/image/presentation.h"

namespace iip {

std::pmr::string zoomify_properties(const ImageInfo& info, std::pmr::memory_resource* memory) {
  const std::int64_t side = presented_square_tile(info);
  const auto pyramid = ComputedPyramid::down_to_one_tile(info.size(), side);
  std::pmr::string out(memory);
  out += R"(<IMAGE_PROPERTIES WIDTH=")";
  append_number(out, info.size().width);
  out += R"(" HEIGHT=")";
  append_number(out, info.size().height);
  out += R"(" NUMTILES=")";
  append_number(out, pyramid.tile_count(side));
  out += R"(" NUMIMAGES="1" VERSION="1.8" TILESIZE=")";
  append_number(out, side);
  out += R"("/>)";
  return out;
}

}  // namespace iip
