#include "httpd/request/state.h"

namespace iip {

RequestState* find_state(const request_rec* r) {
  return static_cast<RequestState*>(ap_get_module_config(r->request_config, &iip_module));
}

RequestState& request_state(request_rec* r) {
  if (RequestState* known = find_state(r)) return *known;
  auto* state = pool_new<RequestState>(r->pool, r->pool);
  ap_set_module_config(r->request_config, &iip_module, state);
  return *state;
}

RequestState* service_state(const request_rec* r) {
  RequestState* state = find_state(r);
  return state && state->is_service ? state : nullptr;
}

}  // namespace iip
