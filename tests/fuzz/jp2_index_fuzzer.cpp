// See jp2_properties.h. Good seeds are the jp2_tiny* files of scripts/make_test_images.py.
#include "jp2_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  iip::check_jp2_index(data, size);
  return 0;
}
