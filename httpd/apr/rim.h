// The boundary between httpd's C and our C++: no exception passes it.
#pragma once

#include <exception>
#include <new>

#include "httpd/apr/apache.h"

namespace iip {

// A hook for httpd that runs `Hook(request_rec*) -> int`. Out of memory is 503, anything else that
// is thrown is a fault of ours: 500 and a line in the error log.
template <auto Hook>
int request_rim(request_rec* r) noexcept {
  try {
    return Hook(r);
  } catch (const std::bad_alloc&) {
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "IIP: out of memory");
    return HTTP_SERVICE_UNAVAILABLE;
  } catch (const std::exception& exception) {
    ap_log_rerror(APLOG_MARK, APLOG_CRIT, 0, r, "IIP: unexpected fault: %s", exception.what());
    return HTTP_INTERNAL_SERVER_ERROR;
  }
}

}  // namespace iip
