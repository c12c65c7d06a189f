#include "httpd/request/try_again.h"

#include "httpd/request/state.h"
#include "httpd/request/walked_path.h"

namespace iip {

bool is_worth_another_attempt(const Result<File>& file) {
  return !file && file.error().kind == ErrorKind::busy;
}

bool try_again(request_rec* r) {
  int attempts = 1;
  for (const request_rec* before = r; is_another_attempt(before); before = before->prev) ++attempts;
  if (attempts >= kAttempts) return false;
  request_state(r).tries_again = true;
  forget_walk(r);
  ap_internal_redirect(r->unparsed_uri, r);
  return true;
}

bool is_another_attempt(const request_rec* r) {
  const RequestState* before = r->prev ? find_state(r->prev) : nullptr;
  return before && before->tries_again;
}

}  // namespace iip
