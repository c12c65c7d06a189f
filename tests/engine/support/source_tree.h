// Where the tests find what lies in the source tree.
#pragma once

#include <string>

namespace iip::test {

// The root of the source tree, without a slash at its end.
std::string source_root();

// The interpreter that runs the oracles in Python.
std::string test_python();

}  // namespace iip::test
