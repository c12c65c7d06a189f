// Any bytes as a TIFF file. Good seeds, beside the corpus, are the tiny_* files of
// scripts/make_test_images.py.
#include "source_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  iip::check_source(data, size);
  return 0;
}
