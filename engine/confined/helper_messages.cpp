#include "engine/confined/helper_messages.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

namespace iip {

namespace {

constexpr std::size_t kTaskFiles = 2;
constexpr std::size_t kControlBytes = CMSG_SPACE(kTaskFiles * sizeof(int));

// A task as it is sent and received, with room for the control message that carries descriptors.
// Where it lies is where `header` points.
struct TaskMessage {
  explicit TaskMessage(const HelperTask& of = {}) : task(of) {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
  }
  TaskMessage(const TaskMessage&) = delete;
  TaskMessage& operator=(const TaskMessage&) = delete;

  HelperTask task;
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  iovec part{&task, sizeof task};
  msghdr header{};
};

}  // namespace

std::pair<UniqueFd, UniqueFd> helper_sockets() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return {};
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Sent send_task(int socket, const HelperTask& task, int block, int end) {
  TaskMessage message(task);
  cmsghdr* header = CMSG_FIRSTHDR(&message.header);
  const std::array<int, kTaskFiles> files{block, end};
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof files);
  std::memcpy(CMSG_DATA(header), files.data(), sizeof files);
  ssize_t sent = -1;
  do {
    sent = ::sendmsg(socket, &message.header, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  if (sent == static_cast<ssize_t>(sizeof task)) return Sent::yes;
  const bool is_closed = errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN;
  return is_closed ? Sent::closed : Sent::full;
}

std::optional<std::pair<HelperTask, HelperTaskFiles>> receive_task(int socket) {
  TaskMessage message;
  const ssize_t received = ::recvmsg(socket, &message.header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (received < 0) return std::nullopt;
  HelperTaskFiles files;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message.header); header != nullptr;
       header = CMSG_NXTHDR(&message.header, header)) {
    std::array<int, kTaskFiles> numbers{};
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    if (header->cmsg_len != CMSG_LEN(sizeof numbers)) continue;
    std::memcpy(numbers.data(), CMSG_DATA(header), sizeof numbers);
    files = {UniqueFd(numbers[0]), UniqueFd(numbers[1])};
  }
  if (received != static_cast<ssize_t>(sizeof message.task) || !files.block || !files.end) {
    return std::nullopt;
  }
  return std::pair(message.task, std::move(files));
}

void send_end(int socket, const HelperEnd& end) {
  // Nobody who has left misses it.
  static_cast<void>(::send(socket, &end, sizeof end, MSG_NOSIGNAL | MSG_DONTWAIT));
}

std::optional<HelperEnd> receive_end(int socket) {
  HelperEnd end;
  ssize_t received = -1;
  do {
    received = ::recv(socket, &end, sizeof end, 0);
  } while (received < 0 && errno == EINTR);
  if (received != static_cast<ssize_t>(sizeof end)) return std::nullopt;
  return end;
}

}  // namespace iip
