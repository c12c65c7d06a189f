// A bucket of a brigade that shares engine Bytes, so that a picture goes out without being copied.
// Its share is dropped when the last of its splits and copies has been sent, on whichever thread
// that happens.
#pragma once

#include "engine/base/bytes.h"
#include "httpd/apr/apache.h"

namespace iip {

apr_bucket* bytes_bucket(Bytes bytes, apr_bucket_alloc_t* allocator);

}  // namespace iip
