#include "engine/image/image_info.h"

namespace iip {

std::uint64_t ImageInfo::bytes() const {
  std::uint64_t sum = sizeof(ImageInfo) + levels.capacity() * sizeof(Level) +
                      ranges.capacity() * sizeof(SampleRange);
  for (const std::string* text :
       {&metadata.title, &metadata.creator, &metadata.rights, &metadata.description, &metadata.date,
        &metadata.software, &metadata.make, &metadata.model, &metadata.page_name, &metadata.xmp}) {
    sum += text->capacity();
  }
  sum += metadata.exif.size() + metadata.iptc.size() + icc_profile.size();
  // Each image of a stack counts the list, although they share it.
  for (const Page& each : pages) sum += sizeof(Page) + each.name.capacity();
  return sum;
}

}  // namespace iip
