#include "engine/files/open_walked.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string_view>
#include <vector>

#include "engine/files/open_calls.h"

namespace iip {

namespace {

constexpr int kNameFlags = O_PATH | O_NOFOLLOW | O_CLOEXEC;

tl::unexpected<Error> replaced(const std::string& name) {
  return fail(ErrorKind::busy, "The image is being replaced; try again shortly",
              name + " is not what it was when access was checked");
}

Result<struct stat> status_of(const UniqueFd& fd) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return open_failure(errno);
  return status;
}

Status check_identity(const PathComponent& component, const struct stat& status) {
  if (!component.walked) return {};
  const FileIdentity now{status.st_dev, status.st_ino};
  if (now == *component.walked) return {};
  return replaced(component.name);
}

class Walk {
 public:
  explicit Walk(UniqueFd start) { folders_.push_back(std::move(start)); }

  // From here on links may not lead above the folder that the walk has come to.
  void confine() {
    folders_.erase(folders_.begin(), folders_.end() - 1);
    confined_ = true;
  }

  Status enter(const PathComponent& component) {
    UniqueFd folder(::openat(here(), component.name.c_str(), kNameFlags));
    if (!folder) return open_failure(errno);
    const auto status = status_of(folder);
    if (!status) return tl::unexpected(status.error());
    if (auto same = check_identity(component, *status); !same) return same;
    if (!S_ISLNK(status->st_mode)) {
      folders_.push_back(std::move(folder));
      return {};
    }
    auto target = follow(component, folder, *status, kFolderFlags);
    if (!target) return pass_on(target);
    // What lies above it is not on the walk: a link with '..' can not lead there any more.
    folders_.clear();
    folders_.push_back(std::move(*target));
    return {};
  }

  Result<File> open(const PathComponent& component) {
    UniqueFd file(::openat(here(), component.name.c_str(), kFileFlags | O_NOFOLLOW));
    if (!file && errno == ELOOP) return open_link(component);
    if (!file) return open_failure(errno);
    const auto status = status_of(file);
    if (!status) return tl::unexpected(status.error());
    if (auto same = check_identity(component, *status); !same) return pass_on(same);
    return File::adopt(std::move(file));
  }

  // The folder that the walk has come to.
  Result<UniqueFd> list() const {
    UniqueFd folder(::openat(here(), ".", kListFlags));
    if (!folder) return open_failure(errno);
    return folder;
  }

 private:
  int here() const { return folders_.back().get(); }

  Result<File> open_link(const PathComponent& component) {
    const UniqueFd link(::openat(here(), component.name.c_str(), kNameFlags));
    if (!link) return open_failure(errno);
    const auto status = status_of(link);
    if (!status) return tl::unexpected(status.error());
    if (!S_ISLNK(status->st_mode)) return replaced(component.name);
    if (auto same = check_identity(component, *status); !same) return pass_on(same);
    auto target = follow(component, link, *status, kFileFlags);
    if (!target) return pass_on(target);
    return File::adopt(std::move(*target));
  }

  Result<UniqueFd> follow(const PathComponent& component, const UniqueFd& link,
                          const struct stat& link_status, int flags) const {
    if (component.links == LinkRule::refuse) {
      return fail(ErrorKind::forbidden, "The image may not be read",
                  component.name + " is a link, and links are not followed");
    }
    std::array<char, PATH_MAX> text{};
    const ssize_t length = ::readlinkat(link.get(), "", text.data(), text.size() - 1);
    if (length < 0) return open_failure(errno);
    UniqueFd target(open_target(text.data(), flags));
    if (!target) return open_failure(errno);
    const auto status = status_of(target);
    if (!status) return tl::unexpected(status.error());
    if (component.links == LinkRule::same_owner && status->st_uid != link_status.st_uid) {
      return fail(ErrorKind::forbidden, "The image may not be read",
                  "the link " + component.name + " belongs to another user than what it leads to");
    }
    return target;
  }

  int open_target(const char* text, int flags) const {
    if (!confined_) return ::openat(here(), text, flags);
    std::string_view rest(text);
    std::size_t at = folders_.size() - 1;
    while (rest.starts_with("../") && at > 0) {
      rest.remove_prefix(3);
      --at;
    }
    return open_resolved(folders_[at].get(), rest.data(), flags,
                         RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
  }

  std::vector<UniqueFd> folders_;  // from the first, or the one that confines, to the last
  bool confined_ = false;
};

// Down to the folder that component `count` lies in.
Result<Walk> walk_down(const WalkedPath& path, std::size_t count) {
  UniqueFd start(::open(path.start.c_str(), kFolderFlags));
  if (!start) return open_failure(errno);
  Walk walk(std::move(start));
  for (std::size_t i = 0; i < count; ++i) {
    if (i == path.confined_from) walk.confine();
    if (auto entered = walk.enter(path.components[i]); !entered) return pass_on(entered);
  }
  if (count == path.confined_from) walk.confine();
  return walk;
}

}  // namespace

Result<File> open_walked(const WalkedPath& path) {
  if (path.components.empty()) return image_not_there("a folder");
  const std::size_t last = path.components.size() - 1;
  auto walk = walk_down(path, last);
  if (!walk) return pass_on(walk);
  return walk->open(path.components[last]);
}

Result<UniqueFd> open_walked_folder(const WalkedPath& path) {
  const auto walk = walk_down(path, path.components.size());
  if (!walk) return tl::unexpected(walk.error());
  return walk->list();
}

}  // namespace iip
