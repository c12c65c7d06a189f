// The public base URI of an image: what documents, links and redirects name it by.
#pragma once

#include "httpd/apr/apache.h"
#include "httpd/config/config.h"
#include "httpd/request/state.h"

namespace iip {

// Without a final '/'. IIPBaseURL and the identifier, where it is set; else the URL at which httpd
// knows the service to be reached (ServerName and UseCanonicalName as for httpd's own redirects).
const char* service_image_id(request_rec* r, const DirConfig& dir, const RequestState& state);

// The URL of the file itself.
const char* document_id(request_rec* r, const DirConfig& dir);

}  // namespace iip
