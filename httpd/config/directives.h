// The directives of the module: name, scope, and what checks and stores each value.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

// Ends with an empty record, as httpd expects.
const command_rec* directives() noexcept;

}  // namespace iip
