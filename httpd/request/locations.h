// Rules that are written for URLs, <Location>, <LocationMatch> and <If>, hold for pictures however
// a client writes their names.
//
// A service is asked for secret/map.tif by /iiif/secret%2Fmap.tif/info.json as well as by
// ?IIIF=secret/map.tif/info.json; httpd compares sections with the path as it stands there. So the
// URL of the picture, /iiif/secret/map.tif, is looked at too: where sections hold for it that do
// not hold for the request's own path, access is checked a second time, under that URL.
#pragma once

#include "httpd/apr/apache.h"
#include "httpd/request/state.h"

namespace iip {

// OK, or the status with which the request is refused. `r` is a request for a service, whose access
// httpd has checked under its own path.
int check_locations(request_rec* r, RequestState& state);

// The URL of an image of the service, by its decoded name.
const char* image_url(request_rec* r, const RequestState& state, std::string_view name);

// Does a section hold for `url` that does not hold for the request's own path?
bool has_rules_of_its_own(request_rec* r, const char* url);

// Logs, when the server starts, each section of a service that holds for other requests than who
// wrote it may think.
void warn_of_sections(const server_rec* servers);

}  // namespace iip
