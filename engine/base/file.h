// An open image file: the descriptor, and what distinguishes this version of the file from any
// other.
//
// Codecs get the descriptor, never a name, and read with pread: a file that is truncated while it
// is read gives a short read, where a memory map would give SIGBUS.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <span>
#include <utility>

#include "engine/base/hash.h"
#include "engine/base/result.h"

namespace iip {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd();

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Two files with equal versions have equal bytes, as far as the kernel can tell. Times are in
// nanoseconds since 1970. The change time catches a rewrite in place whose mtime was set back.
struct FileVersion {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;

  friend bool operator==(const FileVersion&, const FileVersion&) = default;
  static FileVersion of(const struct stat& status);
  void add_to(Hasher& hasher) const;
};

class File {
 public:
  // Takes an open descriptor of a regular file; anything else is not_found.
  static Result<File> adopt(UniqueFd fd);

  int descriptor() const { return fd_.get(); }
  const FileVersion& version() const { return version_; }
  std::uint64_t size() const { return version_.size; }
  // Gives the descriptor away, for a body that is sent from the file.
  UniqueFd take_descriptor() { return std::move(fd_); }

  // Fills `out` from `offset`. A range past the end, or a read error, is `corrupt`.
  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) const;

 private:
  File(UniqueFd fd, const FileVersion& version) : fd_(std::move(fd)), version_(version) {}
  UniqueFd fd_;
  FileVersion version_;
};

}  // namespace iip
