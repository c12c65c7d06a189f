#include "httpd/request/allowed_file.h"

#include <cerrno>

#include "engine/files/open_beneath.h"
#include "engine/files/open_calls.h"
#include "httpd/request/walked_path.h"

namespace iip {

namespace {

bool is_same(const apr_finfo_t& info, const File& file) {
  return (info.valid & APR_FINFO_IDENT) == APR_FINFO_IDENT &&
         static_cast<std::uint64_t>(info.device) == file.version().device &&
         static_cast<std::uint64_t>(info.inode) == file.version().inode;
}

Result<File> same_as_found(const request_rec* r, Result<File> file) {
  if (!file || is_same(r->finfo, *file)) return file;
  return fail(ErrorKind::busy, "The image is being replaced; try again shortly",
              "it is another file than the one that access was checked for");
}

Result<File> adopt(int fd) {
  if (fd < 0) return open_failure(errno);
  return File::adopt(UniqueFd(fd));
}

// Where links may not all be followed. Most paths have none at all.
Result<File> open_as_walked(request_rec* r, const char* prefix) {
  auto file = adopt(open_resolved(AT_FDCWD, r->filename, kFileFlags, RESOLVE_NO_SYMLINKS));
  if (file && is_same(r->finfo, *file)) return file;
  const WalkedFile way = walked_file(r, r->filename, prefix);
  return open_walked({way.start, way.components, way.confined_from});
}

}  // namespace

Result<File> open_service_image(request_rec* r, const char* prefix, const char* image_file) {
  return same_as_found(
      r, may_follow_all_links(r) ? open_beneath(prefix, image_file) : open_as_walked(r, prefix));
}

Result<UniqueFd> open_service_folder(request_rec* r, const char* prefix, const char* folder) {
  if (may_follow_all_links(r)) return open_folder_beneath(prefix, folder);
  const bool is_prefix = folder[0] == '\0';
  std::string path = std::string(prefix) + folder;
  if (is_prefix && path.size() > 1) path.pop_back();  // its '/'
  const WalkedFile way = walked_file(r, path, is_prefix ? nullptr : prefix);
  return open_walked_folder({way.start, way.components, way.confined_from});
}

Result<File> open_document(request_rec* r) {
  return same_as_found(r, may_follow_all_links(r) ? adopt(::open(r->filename, kFileFlags))
                                                  : open_as_walked(r, nullptr));
}

}  // namespace iip
