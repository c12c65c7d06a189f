#include "httpd/request/frame_file.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "httpd/request/allowed_file.h"
#include "httpd/request/file_lookup.h"
#include "httpd/request/locations.h"
#include "httpd/request/try_again.h"
#include "httpd/request/walked_path.h"

namespace iip {

namespace {

constexpr std::array kExtensions = {".tif", ".tiff", ".ptif", ".jp2", ".jpx",
                                    ".j2k", ".jpg",  ".jpeg", ".png"};

Result<FrameFile> not_there() { return fail(ErrorKind::not_found, "The image is not there"); }

// nullptr where there are no sequences. Without the suffix that translate_name has appended.
const char* stem_of(request_rec* r, const DirConfig& dir, const RequestState& state) {
  const char* pattern = dir.filename_pattern ? dir.filename_pattern : kUsualFilenamePattern;
  if (pattern[0] == '\0') return nullptr;
  return apr_pstrcat(r->pool, state.parsed->image.c_str(), pattern, nullptr);
}

bool is_regular(request_rec* r, const char* path) {
  apr_finfo_t info;
  return apr_stat(&info, path, APR_FINFO_TYPE, r->pool) == APR_SUCCESS && info.filetype == APR_REG;
}

}  // namespace

RequestSequence::RequestSequence(request_rec* r, const DirConfig& dir, const RequestState& state)
    : r_(r),
      state_(state),
      prefix_(state.prefix),
      stem_(stem_of(r, dir, state)),
      suffix_(dir.suffix ? dir.suffix : "") {}

Result<FrameFile> RequestSequence::find(const View& view) const {
  const auto name = stem_ ? frame_stem(stem_, view) : std::nullopt;
  if (!name) return not_there();
  const char* frame = apr_pstrdup(r_->pool, name->c_str());
  if (suffix_[0] != '\0') return look_up(frame);
  for (const char* extension : kExtensions) {
    const char* image_file = apr_pstrcat(r_->pool, frame, extension, nullptr);
    if (is_regular(r_, apr_pstrcat(r_->pool, prefix_, image_file, nullptr))) {
      return look_up(image_file);
    }
  }
  return not_there();
}

Result<FrameFile> RequestSequence::look_up(const char* name) const {
  const char* image_file = apr_pstrcat(r_->pool, name, suffix_, nullptr);
  const char* filename = apr_pstrcat(r_->pool, prefix_, image_file, nullptr);
  // Under the URL by which the frame could be asked for alone.
  const char* url = image_url(r_, state_, name);
  const FileLookup lookup{filename, has_rules_of_its_own(r_, url) ? url : ""};
  auto file = open_allowed(lookup, image_file);
  for (int i = 1; i < kAttempts && is_worth_another_attempt(file); ++i) {
    forget_walk(r_);
    file = open_allowed(lookup, image_file);
  }
  if (!file) return pass_on(file);
  return FrameFile{filename, std::move(*file)};
}

Result<File> RequestSequence::open_allowed(const FileLookup& lookup, const char* image_file) const {
  request_rec* found = look_up_file(r_, lookup);
  const auto destroy = [](request_rec* request) { ap_destroy_sub_req(request); };
  const std::unique_ptr<request_rec, decltype(destroy)> guard(found, destroy);
  const bool forbidden = found->status == HTTP_FORBIDDEN || found->status == HTTP_UNAUTHORIZED;
  if (forbidden) {
    return fail(ErrorKind::forbidden, "The image may not be read",
                std::string("httpd denied access to the frame ") + image_file);
  }
  const bool is_file = found->status == HTTP_OK && found->finfo.filetype == APR_REG &&
                       !(found->path_info && found->path_info[0] != '\0');
  if (!is_file) return fail(ErrorKind::not_found, "The image is not there");
  return open_service_image(found, prefix_, image_file);
}

Result<SequenceViews> RequestSequence::views() const {
  if (!stem_) return fail(ErrorKind::not_found, "The image is not there");
  const std::string_view stem(stem_);
  const std::size_t slash = stem.rfind('/');
  const bool is_in_prefix = slash == std::string_view::npos;
  const std::string folder(stem.substr(0, is_in_prefix ? 0 : slash));
  auto opened = open_service_folder(r_, prefix_, folder.c_str());
  if (!opened) return pass_on(opened);
  return list_views(std::move(*opened), is_in_prefix ? stem : stem.substr(slash + 1));
}

Result<File> RequestSequence::open(const View& view) const {
  auto found = find(view);
  if (!found) return pass_on(found);
  return std::move(found->file);
}

}  // namespace iip
