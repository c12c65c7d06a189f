// From the URL of a service request to what is asked for, and the file of the image.
#pragma once

#include "engine/base/result.h"
#include "httpd/apr/apache.h"
#include "httpd/config/config.h"
#include "httpd/request/state.h"

namespace iip {

// Parses the request and finds its image's name, into `parsed` and `image_file` of the state.
// Nothing is looked up in the file system. On error `parsed` is set if that is as far as it came.
Status locate(request_rec* r, const DirConfig& dir, RequestState& state);

}  // namespace iip
