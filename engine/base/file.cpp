#include "engine/base/file.h"

#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <string>
#include <system_error>

namespace iip {

namespace {

std::int64_t nanoseconds(const struct timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

constexpr std::int64_t kSettlingTime = 1'000'000'000;

bool has_settled(const FileVersion& version) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t age = nanoseconds(now) - version.ctime_ns;
  return age >= kSettlingTime || age <= -kSettlingTime;
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
  const FileVersion version = FileVersion::of(status);
  return File(std::move(fd), version, has_settled(version));
}

FileChange File::changed() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return FileChange::content;
  const FileVersion now = FileVersion::of(status);
  if (now == version_) return FileChange::none;
  return now.size == version_.size && now.mtime_ns == version_.mtime_ns ? FileChange::status
                                                                        : FileChange::content;
}

Status File::read_at(std::uint64_t offset, std::span<std::uint8_t> out) const {
  if (out.size() > version_.size || offset > version_.size - out.size()) {
    return damaged(std::to_string(out.size()) + " bytes at offset " + std::to_string(offset) +
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
