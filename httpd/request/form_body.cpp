#include "httpd/request/form_body.h"

#include "httpd/request/state.h"

namespace iip {

namespace {

constexpr std::size_t kMaxBody = 8190;  // as httpd's own limit for a request line

Result<std::string_view> too_large() {
  return fail(ErrorKind::too_large, "The request body is larger than 8190 bytes");
}

Result<std::string_view> read_body(request_rec* r) {
  if (const int status = ap_setup_client_block(r, REQUEST_CHUNKED_DECHUNK); status != OK) {
    return fail(ErrorKind::malformed, "The request body can not be read");
  }
  if (r->remaining > static_cast<apr_off_t>(kMaxBody)) return too_large();
  if (!ap_should_client_block(r)) return std::string_view();
  // One byte more than allowed, to notice that there is more.
  auto* body = static_cast<char*>(apr_palloc(r->pool, kMaxBody + 1));
  std::size_t length = 0;
  while (length <= kMaxBody) {
    const long got = ap_get_client_block(r, body + length, kMaxBody + 1 - length);
    if (got < 0) return fail(ErrorKind::malformed, "The request body can not be read");
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > kMaxBody) return too_large();
  while (length > 0 && (body[length - 1] == '\n' || body[length - 1] == '\r')) --length;
  return std::string_view(body, length);
}

}  // namespace

bool has_body(const request_rec* r) {
  return apr_table_get(r->headers_in, "Content-Length") ||
         apr_table_get(r->headers_in, "Transfer-Encoding");
}

Result<std::string_view> form_of(request_rec* r) {
  for (const request_rec* before = r->prev; before; before = before->prev) {
    const RequestState* state = find_state(before);
    if (state && state->form) return *state->form;
  }
  auto form = read_body(r);
  if (form) request_state(r).form = *form;
  return form;
}

}  // namespace iip
