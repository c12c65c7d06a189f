#include "httpd/request/locate.h"

#include <algorithm>

#include "engine/files/open_beneath.h"
#include "engine/protocol/parse.h"
#include "httpd/request/request.h"

namespace iip {

namespace {

constexpr std::size_t kMaxName = 255;   // of one path segment, in all common file systems
constexpr std::size_t kMaxPath = 4096;  // of the whole

// httpd answers names that no file can have with 403; they are just not there.
Status check_lengths(std::string_view name) {
  const auto too_long = [] {
    return fail(ErrorKind::not_found, "The image is not there", "the name is too long");
  };
  if (name.size() >= kMaxPath) return too_long();
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    if (end - start > kMaxName) return too_long();
    start = end + 1;
  }
  return {};
}

// The file below the prefix for an image's name.
Result<const char*> image_file(request_rec* r, const DirConfig& dir, std::string_view image) {
  if (auto checked = check_image_name(image); !checked) return pass_on(checked);
  const char* file = apr_pstrcat(r->pool, apr_pstrmemdup(r->pool, image.data(), image.size()),
                                 dir.suffix ? dir.suffix : "", nullptr);
  if (auto checked = check_lengths(file); !checked) return pass_on(checked);
  return file;
}

}  // namespace

Status locate(request_rec* r, const DirConfig& dir, RequestState& state) {
  if (!dir.prefix) {
    return fail(ErrorKind::forbidden, "This service is not configured",
                "IIPFilesystemPrefix is not set for this URL");
  }
  auto target = service_target(r, state);
  if (!target) return pass_on(target);
  auto parsed = parse(*target, parse_options(dir), &state.memory);
  if (!parsed) return pass_on(parsed);
  auto file = image_file(r, dir, parsed->image);
  state.parsed = std::move(*parsed);
  if (!file) return pass_on(file);
  state.image_file = *file;
  return {};
}

}  // namespace iip
