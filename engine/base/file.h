// An open image file: the descriptor, and what distinguishes this version of the file from any
// other.
//
// Codecs get the descriptor, never a name, and read with pread: a file that is truncated while it
// is read gives a short read, where a memory map would give SIGBUS. Move-only value types. Any
// number of threads may read from one File, as pread moves no position.
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
  // All but the device, which every machine that mounts a storage numbers for itself: they are to
  // agree on ETags and on the names of what they share.
  void add_to(Hasher& hasher) const;
};

// How a file has changed since it was opened.
enum class FileChange : std::uint8_t {
  none,
  status,   // its name, owner or permissions; or it was replaced, and this is the old one
  content,  // size or modification time: what was read may be of two versions
};

class File {
 public:
  // Takes an open descriptor of a regular file; anything else is not_found.
  static Result<File> adopt(UniqueFd fd);

  int descriptor() const { return fd_.get(); }
  const FileVersion& version() const { return version_; }
  // Whether any later change will show in the version. The clock of file times ticks in some
  // milliseconds (a second on some storages): a file that changed within a second before it was
  // opened may change again and look the same. What is made from it is not to be kept.
  bool is_settled() const { return settled_; }
  FileChange changed() const;
  std::uint64_t size() const { return version_.size; }
  // Gives the descriptor away, for a body that is sent from the file.
  UniqueFd take_descriptor() { return std::move(fd_); }

  // Fills `out` from `offset`. A range past the end, or a read error, is `corrupt`.
  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) const;

 private:
  File(UniqueFd fd, const FileVersion& version, bool settled)
      : fd_(std::move(fd)), version_(version), settled_(settled) {}
  UniqueFd fd_;
  FileVersion version_;
  bool settled_ = false;
};

}  // namespace iip
