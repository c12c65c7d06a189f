// Opening the very file that httpd's core has found and allowed.
//
// Between the two a link, or another folder, may have been put in the place of a part of the path.
// The file must be the one whose status the core has got. Where links may not all be followed,
// there must be none in the path; or its components are opened one by one, and must be what the
// core has seen. Where that does not hold the error is `busy`: to look the file up again may help,
// see try_again.h.
#pragma once

#include "engine/base/file.h"
#include "engine/base/result.h"
#include "httpd/apr/apache.h"

namespace iip {

// Service mode: r->filename, which is `image_file` beneath `prefix`; links do not lead out of that.
Result<File> open_service_image(request_rec* r, const char* prefix, const char* image_file);

// Service mode: a folder on the way to r->filename, to list what is in it. `folder` is its name
// beneath `prefix`, without a '/' at its end; "" for that itself.
Result<UniqueFd> open_service_folder(request_rec* r, const char* prefix, const char* folder);

// Document mode: r->filename.
Result<File> open_document(request_rec* r);

}  // namespace iip
