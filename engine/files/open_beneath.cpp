#include "engine/files/open_beneath.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "engine/base/text.h"
#include "engine/files/open_beneath_walk.h"
#include "engine/files/open_calls.h"

namespace iip {

namespace {

constexpr std::size_t kLongestName = 4095;

int open_below_by_kernel(int folder, const char* name, int flags) {
  return open_resolved(folder, name, flags, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
}

// Without links, a path whose name has no '..' ends below the root.
int open_at_once(std::string path, std::string_view name, int flags) {
  if (!path.ends_with('/')) path += '/';
  path += name;
  return open_resolved(AT_FDCWD, path.c_str(), flags, RESOLVE_NO_SYMLINKS);
}

int open_below_by_components(UniqueFd folder, std::string_view name, int flags) {
  for (;;) {
    const std::string component(take_until(name, '/'));
    const int own_flags = (name.empty() ? flags : kFolderFlags) | O_NOFOLLOW;
    UniqueFd next(::openat(folder.get(), component.c_str(), own_flags));
    if (!next || name.empty()) return next.release();
    folder = std::move(next);
  }
}

// Whether this process can use openat2 at all. A sandbox may answer EPERM to the call, as the
// kernel does for some files, so the root itself is asked for.
bool kernel_has_beneath(int folder) {
  const UniqueFd fd(open_resolved(folder, ".", O_PATH | O_CLOEXEC, RESOLVE_BENEATH));
  return static_cast<bool>(fd);
}

Result<UniqueFd> opened(int fd) {
  if (fd < 0) return open_failure(errno);
  return UniqueFd(fd);
}

// Tries the ways of BeneathWalk one after the other, until one is possible here.
Result<UniqueFd> open_by_any_walk(const char* root, std::string_view name, int flags) {
  Result<UniqueFd> fd = open_descriptor_beneath(BeneathWalk::at_once, root, name, flags);
  if (fd) return fd;
  fd = open_descriptor_beneath(BeneathWalk::kernel, root, name, flags);
  if (!fd && fd.error().kind == ErrorKind::unsupported) {
    return open_descriptor_beneath(BeneathWalk::components, root, name, flags);
  }
  return fd;
}

Result<File> adopt_file(Result<UniqueFd> fd) {
  if (!fd) return pass_on(fd);
  return File::adopt(std::move(*fd));
}

}  // namespace

Status check_image_name(std::string_view name) {
  const auto is_illegal = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\';
  };
  if (name.empty() || name.size() > kLongestName || name.back() == '/' ||
      std::any_of(name.begin(), name.end(), is_illegal)) {
    return image_not_there("not the name of an image");
  }
  while (!name.empty()) {
    const std::string_view segment = take_until(name, '/');
    if (segment.empty() || segment == "." || segment == "..") {
      return image_not_there("a name with empty or dotted segments");
    }
  }
  return {};
}

Result<UniqueFd> open_descriptor_beneath(BeneathWalk walk, const char* root, std::string_view name,
                                         int flags) {
  if (walk == BeneathWalk::at_once) return opened(open_at_once(root, name, flags));
  UniqueFd folder(::open(root, kFolderFlags));
  if (!folder) return open_failure(errno);
  if (walk == BeneathWalk::components) {
    return opened(open_below_by_components(std::move(folder), name, flags));
  }
  const int fd = open_below_by_kernel(folder.get(), std::string(name).c_str(), flags);
  if (fd < 0 && (errno == EPERM || errno == ENOSYS)) {
    const int reason = errno;
    return open_failure(kernel_has_beneath(folder.get()) ? reason : ENOSYS);
  }
  return opened(fd);
}

Result<File> open_beneath_by(BeneathWalk walk, const char* root, std::string_view name) {
  return adopt_file(open_descriptor_beneath(walk, root, name, kFileFlags));
}

Result<File> open_beneath(const char* root, std::string_view name) {
  Status status = check_image_name(name);
  if (!status) return pass_on(status);
  return adopt_file(open_by_any_walk(root, name, kFileFlags));
}

Result<UniqueFd> open_folder_beneath(const char* root, std::string_view name) {
  if (name.empty()) return opened(::open(root, kListFlags));
  Status status = check_image_name(name);
  if (!status) return pass_on(status);
  return open_by_any_walk(root, name, kListFlags);
}

}  // namespace iip
