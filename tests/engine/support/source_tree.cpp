// The one source of the tests that is compiled with paths, so that a compiler cache keeps the
// others for every checkout.
#include "support/source_tree.h"

namespace iip::test {

std::string source_root() { return IIP_SOURCE_ROOT; }

std::string test_python() { return IIP_TEST_PYTHON; }

}  // namespace iip::test
