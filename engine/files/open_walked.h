// Opening a file by the way on which access to it was allowed.
//
// Who decides on access looks at the components of a path one after the other, and knows them by
// their names. Until the file is opened somebody may have put a link, or another folder, in the
// place of one. So the walk is made again on open descriptors, where nothing can be exchanged, and
// each component must be what it was. Value types; the functions keep nothing and are for any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/base/file.h"
#include "engine/base/result.h"

namespace iip {

// What a name stood for: the link itself where it was one.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

enum class LinkRule : std::uint8_t {
  follow,
  same_owner,  // where who owns the link also owns what it leads to
  refuse,
};

struct PathComponent {
  std::string name;
  LinkRule links = LinkRule::follow;
  std::optional<FileIdentity> walked = {};  // nullopt: nobody has looked
};

// A path: an absolute folder, whose links are followed, and what is below it, the file last. From
// component `confined_from` on no link may lead out of the folder that holds this component; they
// are followed there by kernels with openat2 only.
struct WalkedPath {
  std::string start;
  std::span<const PathComponent> components;
  std::size_t confined_from = SIZE_MAX;
};

// For reading. Never blocks on a FIFO. Errors: busy where a component is not what it was, or is a
// link that may not be followed (to look again may help); forbidden (no permission, another
// owner); not_found, for anything but a regular file too.
Result<File> open_walked(const WalkedPath& path);

// Likewise a folder, to list what is in it: all components are folders, or links to some.
Result<UniqueFd> open_walked_folder(const WalkedPath& path);

}  // namespace iip
