#include "httpd/memcache/stream_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace iip {

namespace {

bool must_wait(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

// Takes what was sent off the front.
void drop(std::span<iovec>& parts, std::size_t sent) {
  while (!parts.empty() && sent >= parts.front().iov_len) {
    sent -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (parts.empty()) return;
  parts.front().iov_base = static_cast<std::uint8_t*>(parts.front().iov_base) + sent;
  parts.front().iov_len -= sent;
}

}  // namespace

StreamSocket::~StreamSocket() {
  if (fd_ >= 0) ::close(fd_);
}

StreamSocket::Outcome StreamSocket::wait(short events, Moment until) const {
  using std::chrono::milliseconds;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - Moment::clock::now()).count();
    if (left <= 0) return Outcome::timeout;
    pollfd entry{fd_, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return Outcome::done;  // or broken, which the next call tells
    if (ready < 0 && errno != EINTR) return Outcome::broken;
  }
}

StreamSocket::Outcome StreamSocket::connect(const SocketAddress& address, Moment until) {
  const int family = address.get()->sa_family;
  StreamSocket fresh;
  fresh.fd_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fresh.fd_ < 0) return Outcome::broken;
  if (family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(fresh.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (::connect(fresh.fd_, address.get(), address.length) != 0) {
    if (errno != EINPROGRESS && errno != EINTR) return Outcome::broken;
    if (const Outcome waited = fresh.wait(POLLOUT, until); waited != Outcome::done) return waited;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fresh.fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
      return Outcome::broken;
    }
  }
  *this = std::move(fresh);
  return Outcome::done;
}

StreamSocket::Outcome StreamSocket::send(std::span<iovec> parts, Moment until) {
  drop(parts, 0);
  while (!parts.empty()) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      drop(parts, static_cast<std::size_t>(sent));
    } else if (must_wait(errno)) {
      if (const Outcome waited = wait(POLLOUT, until); waited != Outcome::done) return waited;
    } else if (errno != EINTR) {
      return Outcome::broken;
    }
  }
  return Outcome::done;
}

StreamSocket::Outcome StreamSocket::receive(std::span<std::uint8_t> space, std::size_t& received,
                                            Moment until) {
  for (;;) {
    // A drip of single bytes never makes recv() wait, so the clock is asked here too.
    if (Moment::clock::now() >= until) return Outcome::timeout;
    const ssize_t got = ::recv(fd_, space.data(), space.size(), 0);
    if (got > 0) {
      received = static_cast<std::size_t>(got);
      return Outcome::done;
    }
    if (got == 0) return Outcome::broken;
    if (must_wait(errno)) {
      if (const Outcome waited = wait(POLLIN, until); waited != Outcome::done) return waited;
    } else if (errno != EINTR) {
      return Outcome::broken;
    }
  }
}

bool StreamSocket::is_quiet() const {
  pollfd entry{fd_, POLLIN, 0};
  return fd_ >= 0 && ::poll(&entry, 1, 0) == 0;
}

}  // namespace iip
