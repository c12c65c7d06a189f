#include "engine/files/open_calls.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace iip {

tl::unexpected<Error> image_not_there(std::string detail) {
  return fail(ErrorKind::not_found, "The image is not there", std::move(detail));
}

tl::unexpected<Error> open_failure(int number) {
  const std::string detail = "open: " + std::generic_category().message(number);
  switch (number) {
    case EACCES:
    case EPERM:
      return fail(ErrorKind::forbidden, "The image may not be read", detail);
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
      return fail(ErrorKind::busy, "The server is busy; try again shortly", detail);
    case ENOSYS:
      return fail(ErrorKind::unsupported, "The image can not be opened", detail);
    default:
      return image_not_there(detail);
  }
}

int open_resolved(int folder, const char* name, int flags, std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = resolve;
  // EAGAIN: something was renamed while the kernel checked that the walk stays below.
  for (int attempt = 0;; ++attempt) {
    const long fd = ::syscall(SYS_openat2, folder, name, &how, sizeof how);
    if (fd >= 0 || attempt == 16 || (errno != EAGAIN && errno != EINTR)) {
      return static_cast<int>(fd);
    }
  }
}

}  // namespace iip
