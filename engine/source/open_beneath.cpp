#include "engine/source/open_beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "engine/base/text.h"
#include "engine/source/open_beneath_walk.h"

namespace iip {

namespace {

// O_NONBLOCK: a FIFO must not hold the thread. O_NOCTTY: a terminal must not become ours.
constexpr int kFileFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
constexpr std::size_t kLongestName = 4095;

tl::unexpected<Error> not_there(std::string detail) {
  return fail(ErrorKind::not_found, "The image is not there", std::move(detail));
}

tl::unexpected<Error> refused(int number) {
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
      return not_there(detail);
  }
}

int open_resolved(int folder, const char* name, std::uint64_t resolve) {
  open_how how{};
  how.flags = kFileFlags;
  how.resolve = resolve;
  // EAGAIN: something was renamed while the kernel checked that the walk stays below.
  for (int attempt = 0;; ++attempt) {
    const long fd = ::syscall(SYS_openat2, folder, name, &how, sizeof how);
    if (fd >= 0 || attempt == 16 || (errno != EAGAIN && errno != EINTR)) {
      return static_cast<int>(fd);
    }
  }
}

int open_below_by_kernel(int folder, const char* name, bool follow_links) {
  const std::uint64_t links = follow_links ? RESOLVE_NO_MAGICLINKS : RESOLVE_NO_SYMLINKS;
  return open_resolved(folder, name, RESOLVE_BENEATH | links);
}

// Without links, a path whose name has no '..' ends below the root.
int open_at_once(std::string path, std::string_view name) {
  if (!path.ends_with('/')) path += '/';
  path += name;
  return open_resolved(AT_FDCWD, path.c_str(), RESOLVE_NO_SYMLINKS);
}

int open_below_by_components(UniqueFd folder, std::string_view name) {
  for (;;) {
    const std::string component(take_until(name, '/'));
    const int flags = (name.empty() ? kFileFlags : kFolderFlags) | O_NOFOLLOW;
    UniqueFd next(::openat(folder.get(), component.c_str(), flags));
    if (!next || name.empty()) return next.release();
    folder = std::move(next);
  }
}

// Whether this process can use openat2 at all. A sandbox may answer EPERM to the call, as the
// kernel does for some files, so the root itself is asked for.
bool kernel_has_beneath(int folder) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH;
  const UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, folder, ".", &how, sizeof how)));
  return static_cast<bool>(fd);
}

Result<File> adopt_file(int fd) {
  if (fd < 0) return refused(errno);
  return File::adopt(UniqueFd(fd));
}

}  // namespace

Status check_image_name(std::string_view name) {
  const auto is_illegal = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\';
  };
  if (name.empty() || name.size() > kLongestName || name.back() == '/' ||
      std::any_of(name.begin(), name.end(), is_illegal)) {
    return not_there("not the name of an image");
  }
  while (!name.empty()) {
    const std::string_view segment = take_until(name, '/');
    if (segment.empty() || segment == "." || segment == "..") {
      return not_there("a name with empty or dotted segments");
    }
  }
  return {};
}

Result<File> open_beneath_by(BeneathWalk walk, const char* root, std::string_view name,
                             bool follow_links) {
  if (walk == BeneathWalk::at_once) return adopt_file(open_at_once(root, name));
  UniqueFd folder(::open(root, kFolderFlags));
  if (!folder) return refused(errno);
  if (walk == BeneathWalk::components) {
    return adopt_file(open_below_by_components(std::move(folder), name));
  }
  const int fd = open_below_by_kernel(folder.get(), std::string(name).c_str(), follow_links);
  if (fd < 0 && (errno == EPERM || errno == ENOSYS)) {
    const int reason = errno;
    return refused(kernel_has_beneath(folder.get()) ? reason : ENOSYS);
  }
  return adopt_file(fd);
}

Result<File> open_beneath(const char* root, std::string_view name, bool follow_links) {
  Status status = check_image_name(name);
  if (!status) return pass_on(status);
  Result<File> file = open_beneath_by(BeneathWalk::at_once, root, name, follow_links);
  if (file) return file;
  file = open_beneath_by(BeneathWalk::kernel, root, name, follow_links);
  if (!file && file.error().kind == ErrorKind::unsupported) {
    return open_beneath_by(BeneathWalk::components, root, name, follow_links);
  }
  return file;
}

}  // namespace iip
