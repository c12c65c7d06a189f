// Asking httpd's core about a file as if it were asked for itself. Belongs to the thread of the
// request.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

struct FileLookup {
  const char* filename = nullptr;  // absolute
  const char* uri = "";            // the URL whose sections hold for it; "": none but all URLs'
};

// A subrequest of `r`, a request for a service: <Directory>, <Files>, .htaccess, <Location>, <If>
// and Require hold for it as for a request of that file under that URL. Its status says whether the
// client may have it, finfo whether it is there. To be destroyed with ap_destroy_sub_req.
request_rec* look_up_file(request_rec* r, const FileLookup& lookup);

// In map_to_storage: makes the subrequest that is just being made one about its file. False where
// `r` is no such subrequest.
bool take_up_lookup(request_rec* r);

}  // namespace iip
