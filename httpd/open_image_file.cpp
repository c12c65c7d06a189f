#include "httpd/open_image_file.h"

#include <fcntl.h>
#include <cerrno>

#include "engine/source/open_beneath.h"

namespace iip {

namespace {

bool follows_links(request_rec* r) {
  return (ap_allow_options(r) & (OPT_SYM_LINKS | OPT_SYM_OWNER)) != 0;
}

bool is_same(const apr_finfo_t& info, const File& file) {
  return (info.valid & APR_FINFO_IDENT) == APR_FINFO_IDENT &&
         static_cast<std::uint64_t>(info.device) == file.version().device &&
         static_cast<std::uint64_t>(info.inode) == file.version().inode;
}

// The file must be the one that the core looked at: between the two a link may have been put in
// its place. A file that was replaced by another regular file meanwhile is looked at again.
Result<File> same_as_found(request_rec* r, Result<File> file) {
  if (!file || is_same(r->finfo, *file)) return file;
  apr_finfo_t now;
  const apr_int32_t wanted = APR_FINFO_IDENT | (follows_links(r) ? 0 : APR_FINFO_LINK);
  if (apr_stat(&now, r->filename, wanted, r->pool) == APR_SUCCESS && is_same(now, *file)) {
    return file;
  }
  return fail(ErrorKind::not_found, "The image is not there",
              "the file was replaced while it was opened");
}

}  // namespace

Result<File> open_service_image(request_rec* r, const char* prefix, const char* image_file) {
  return same_as_found(r, open_beneath(prefix, image_file, follows_links(r)));
}

Result<File> open_document(request_rec* r) {
  const int flags =
      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follows_links(r) ? 0 : O_NOFOLLOW);
  UniqueFd fd(open(r->filename, flags));
  if (fd) return same_as_found(r, File::adopt(std::move(fd)));
  switch (errno) {
    case EACCES:
    case EPERM:
      return fail(ErrorKind::forbidden, "Access to this image is denied", "no permission to read");
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return fail(ErrorKind::busy, "The server is busy", "no file descriptors");
    default:
      return fail(ErrorKind::not_found, "The image is not there");
  }
}

}  // namespace iip
