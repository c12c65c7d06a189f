#include "httpd/memcache/stand_in.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace iip {

namespace {

// Limits how long connect(2) waits, which on Linux is as long as send(2) would.
bool set_patience(int socket, std::chrono::milliseconds patience) {
  timeval time{};
  time.tv_sec = patience.count() / 1000;
  time.tv_usec = patience.count() % 1000 * 1000;
  return ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time) == 0;
}

// A socket that listens on a free port of 127.0.0.1, which `address` becomes; or -1.
int listen_on_loopback(SocketAddress& address) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return -1;
  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::memcpy(&address.storage, &loopback, sizeof loopback);
  address.length = sizeof address.storage;
  if (::bind(listener, address.get(), sizeof loopback) == 0 && ::listen(listener, 1) == 0 &&
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address.storage), &address.length) ==
          0) {
    return listener;
  }
  ::close(listener);
  return -1;
}

}  // namespace

StandIn::~StandIn() {
  if (server_ >= 0) ::close(server_);
  if (listener_ >= 0) ::close(listener_);
}

StandIn::Outcome StandIn::prepare(const SocketAddress& server, std::chrono::milliseconds patience) {
  server_ = ::socket(server.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (server_ < 0 || !set_patience(server_, patience)) return Outcome::broken;
  if (::connect(server_, server.get(), server.length) != 0) {
    return errno == EINPROGRESS || errno == EAGAIN ? Outcome::timeout : Outcome::broken;
  }
  // As the library leaves its own: without a limit, which is the clock's to set.
  if (!set_patience(server_, std::chrono::milliseconds(0))) return Outcome::broken;
  listener_ = listen_on_loopback(address_);
  return listener_ >= 0 ? Outcome::done : Outcome::broken;
}

bool StandIn::take_place_of(int librarys_descriptor) const {
  return ::dup3(server_, librarys_descriptor, O_CLOEXEC) == librarys_descriptor;
}

}  // namespace iip
