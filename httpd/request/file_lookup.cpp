#include "httpd/request/file_lookup.h"

#include "httpd/request/state.h"

namespace iip {

request_rec* look_up_file(request_rec* r, const FileLookup& lookup) {
  // The core would take the name for a URL as well, where a '%' or '?' means something else. So it
  // gets a name without any, and the true one when it begins to walk.
  RequestState& state = request_state(r);
  state.lookup = &lookup;
  request_rec* found = ap_sub_req_lookup_file("/", r, nullptr);
  state.lookup = nullptr;
  return found;
}

bool take_up_lookup(request_rec* r) {
  const RequestState* state = r->main ? service_state(r->main) : nullptr;
  if (!state || !state->lookup) return false;
  r->filename = apr_pstrdup(r->pool, state->lookup->filename);
  r->canonical_filename = r->filename;
  r->uri = apr_pstrdup(r->pool, state->lookup->uri);
  r->path_info = nullptr;
  return true;
}

}  // namespace iip
