// Forgetting pictures on request: a POST to the status page, where IIPStatusPurge allows it.
//
//   purge=/srv/images/map.tif     the pictures made of a file, named as httpd finds it
//   purge=/srv/images/maps/       ... of every file in a folder and below
//   purge=*                       all
//   purge-url=/iiif/map.tif       ... of the file that this URL of the virtual host leads to
//
// in a form or in the query. A page of another site can not have its visitors do it.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

// Answers the request. Each purge leaves a line in the log.
int purge(request_rec* r);

}  // namespace iip
