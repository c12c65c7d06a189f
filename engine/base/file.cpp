#include "engine/base/file.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace iip {

namespace {

std::int64_t nanoseconds(const struct timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) ::close(fd_);
}

FileVersion FileVersion::of(const struct stat& status) {
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
          nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

void FileVersion::add_to(Hasher& hasher) const {
  hasher.add(device);
  hasher.add(inode);
  hasher.add(size);
  hasher.add(mtime_ns);
  hasher.add(ctime_ns);
}

Result<File> File::adopt(UniqueFd fd) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) {
    return fail(ErrorKind::not_found, "The image is not there",
                "fstat: " + std::generic_category().message(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorKind::not_found, "The image is not there", "not a regular file");
  }
  return File(std::move(fd), FileVersion::of(status));
}

Status File::read_at(std::uint64_t offset, std::span<std::uint8_t> out) const {
  if (out.size() > version_.size || offset > version_.size - out.size()) {
    return fail(ErrorKind::corrupt, "The image file is damaged",
                std::to_string(out.size()) + " bytes at offset " + std::to_string(offset) +
                    " lie beyond the end of the file (" + std::to_string(version_.size) + ")");
  }
  while (!out.empty()) {
    const ssize_t count = ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return fail(ErrorKind::corrupt, "The image file can not be read",
                  count < 0 ? "read: " + std::generic_category().message(errno)
                            : std::string("the file was cut short while it was read"));
    }
    offset += static_cast<std::uint64_t>(count);
    out = out.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace iip
