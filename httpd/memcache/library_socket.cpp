#include "httpd/memcache/library_socket.h"

#include <fcntl.h>
#include <linux/tcp.h>  // what netinet/tcp.h has, with all of tcp_info
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "engine/base/text.h"

namespace iip {

namespace {

// "socket:[NUMBER]"; empty: it is none. By its name in /proc, since the descriptor may be another
// thread's, which may close it at any time.
std::string socket_of(const std::string& descriptor) {
  std::array<char, 64> target{};
  const std::string link = "/proc/self/fd/" + descriptor;
  const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  const std::string_view text(target.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return text.starts_with("socket:") ? std::string(text) : std::string();
}

// Compares family and port only: a server may answer from another address or path than the one it
// was named by. It is enough that few other connections are alike.
bool is_alike(const SocketAddress& one, const SocketAddress& other) {
  if (one.get()->sa_family != other.get()->sa_family) return false;
  if (one.get()->sa_family != AF_INET) return true;
  return reinterpret_cast<const sockaddr_in*>(one.get())->sin_port ==
         reinterpret_cast<const sockaddr_in*>(other.get())->sin_port;
}

// All that a connection of TCP has brought; nullopt: it is another kind of socket.
std::optional<std::uint64_t> brought_by_tcp(int descriptor) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return std::nullopt;
  return info.tcpi_bytes_received + kLeastSegment * info.tcpi_data_segs_in;
}

}  // namespace

NewConnection::NewConnection(const SocketAddress& peer) : peer_(peer), before_(connections()) {}

std::vector<NewConnection::Known> NewConnection::connections() const {
  std::vector<Known> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().native();
    const auto number = parse_unsigned(name);
    const std::string socket = socket_of(name);
    if (!number || socket.empty()) continue;
    const int descriptor = static_cast<int>(*number);
    SocketAddress peer;
    peer.length = sizeof peer.storage;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer.storage), &peer.length) != 0) {
      continue;  // not connected
    }
    if (is_alike(peer, peer_)) found.push_back({descriptor, socket});
  }
  return found;
}

std::optional<int> NewConnection::find() const {
  std::optional<int> found;
  for (const Known& now : connections()) {
    if (std::ranges::find(before_, now.socket, &Known::socket) != before_.end()) continue;
    if (found) return std::nullopt;
    found = now.descriptor;
  }
  return found;
}

bool LibrarySocket::watch(int descriptor) {
  release();
  const int duplicate = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return false;
  const int on = 1;  // fails on a socket in the file system, which does not wait for more anyway
  ::setsockopt(duplicate, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  librarys_ = std::to_string(descriptor);
  socket_ = socket_of(librarys_);
  const MutexLock lock(mutex_);
  duplicate_ = duplicate;
  return true;
}

void LibrarySocket::release() {
  const MutexLock lock(mutex_);
  if (duplicate_ >= 0) ::close(duplicate_);
  duplicate_ = -1;
  socket_.clear();
}

bool LibrarySocket::is_kept() const { return !socket_.empty() && socket_of(librarys_) == socket_; }

bool LibrarySocket::is_quiet() const {
  const MutexLock lock(mutex_);
  pollfd entry{duplicate_, POLLIN, 0};
  return duplicate_ >= 0 && ::poll(&entry, 1, 0) == 0;
}

void LibrarySocket::count_anew() {
  const MutexLock lock(mutex_);
  if (const auto brought = brought_by_tcp(duplicate_)) {
    counted_from_ = *brought;
    return;
  }
  // A socket in the file system keeps no count. But it has an offset for those who look ahead,
  // which nobody does here, and takes off what is read (socket(7), SO_PEEK_OFF).
  const int offset = INT_MAX;
  ::setsockopt(duplicate_, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset);
  counted_from_ = 0;
}

std::uint64_t LibrarySocket::arrived() {
  const MutexLock lock(mutex_);
  if (duplicate_ < 0) return 0;
  if (const auto brought = brought_by_tcp(duplicate_)) return *brought - counted_from_;
  int offset = INT_MAX;
  socklen_t length = sizeof offset;
  ::getsockopt(duplicate_, SOL_SOCKET, SO_PEEK_OFF, &offset, &length);
  return offset < 0 ? 0 : static_cast<std::uint64_t>(INT_MAX - offset);
}

void LibrarySocket::shut_down() {
  const MutexLock lock(mutex_);
  if (duplicate_ < 0) return;
  // Closed by a reset, so that a server that has more to say learns that nobody listens.
  const linger reset{1, 0};
  ::setsockopt(duplicate_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  ::shutdown(duplicate_, SHUT_RDWR);
}

}  // namespace iip
