// Any bytes as a JPEG file.
#include "source_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  iip::check_source(data, size);
  return 0;
}
