#include "httpd/open_image_file.h"

#include <cerrno>

#include "engine/source/open_beneath.h"
#include "engine/source/open_calls.h"
#include "httpd/walked_path.h"

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

Result<File> open_on_the_way(const WalkedFile& way) {
  return open_walked({way.start, way.components, way.confined_from});
}

Result<File> open_following(const char* filename) {
  UniqueFd fd(::open(filename, kFileFlags));
  if (!fd) return open_failure(errno);
  return File::adopt(std::move(fd));
}

}  // namespace

Result<File> open_service_image(request_rec* r, const char* prefix, const char* image_file) {
  const auto way = walked_file(r, prefix);
  return same_as_found(r, way ? open_on_the_way(*way) : open_beneath(prefix, image_file));
}

Result<File> open_document(request_rec* r) {
  const auto way = walked_file(r, nullptr);
  return same_as_found(r, way ? open_on_the_way(*way) : open_following(r->filename));
}

}  // namespace iip
