#include "httpd/request/client_watch.h"

#include <poll.h>
#include <sys/socket.h>

namespace iip {

bool ConnectionWatch::gone() {
  if (connection_->aborted) return true;
  // A stream of HTTP/2: mod_http2 looks after the connection, and says `aborted`.
  if (connection_->master) return false;
  if (Clock::now() < looks_from_) return false;
  apr_socket_t* socket = ap_get_conn_socket(connection_);
  apr_os_sock_t descriptor = -1;
  if (!socket || apr_os_sock_get(&descriptor, socket) != APR_SUCCESS) return false;
  pollfd state{descriptor, POLLRDHUP, 0};
  if (poll(&state, 1, 0) != 1) return false;
  if ((state.revents & (POLLHUP | POLLERR)) != 0) return true;
  // Closed, but with requests that were sent before and are still to be read?
  char next = 0;
  return recv(descriptor, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace iip
