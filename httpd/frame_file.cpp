#include "httpd/frame_file.h"

#include <array>

#include "httpd/open_image_file.h"

namespace iip {

namespace {

constexpr const char* kDefaultPattern = "_pyr_";  // "": there are no sequences
constexpr std::array kExtensions = {".tif", ".tiff", ".ptif", ".jp2", ".jpx",
                                    ".j2k", ".jpg",  ".jpeg", ".png"};

Result<FrameFile> not_there() { return fail(ErrorKind::not_found, "The image is not there"); }

// nullptr where there are no sequences. Without the suffix that translate_name has appended.
const char* stem_of(request_rec* r, const DirConfig& dir, const RequestState& state) {
  const char* pattern = dir.filename_pattern ? dir.filename_pattern : kDefaultPattern;
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
      prefix_(state.prefix),
      stem_(stem_of(r, dir, state)),
      suffix_(dir.suffix ? dir.suffix : "") {}

Result<FrameFile> RequestSequence::find(const View& view) const {
  const auto name = stem_ ? frame_stem(stem_, view) : std::nullopt;
  if (!name) return not_there();
  const char* frame = apr_pstrdup(r_->pool, name->c_str());
  if (suffix_[0] != '\0') return look_up(apr_pstrcat(r_->pool, frame, suffix_, nullptr));
  for (const char* extension : kExtensions) {
    const char* image_file = apr_pstrcat(r_->pool, frame, extension, nullptr);
    if (is_regular(r_, apr_pstrcat(r_->pool, prefix_, image_file, nullptr))) {
      return look_up(image_file);
    }
  }
  return not_there();
}

Result<FrameFile> RequestSequence::look_up(const char* image_file) const {
  const char* filename = apr_pstrcat(r_->pool, prefix_, image_file, nullptr);
  request_rec* found = ap_sub_req_lookup_file(filename, r_, nullptr);
  if (found->status != HTTP_OK) {
    const bool forbidden = found->status == HTTP_FORBIDDEN || found->status == HTTP_UNAUTHORIZED;
    if (!forbidden) return not_there();
    return fail(ErrorKind::forbidden, "The image may not be read",
                std::string("httpd denied access to the frame ") + image_file);
  }
  const bool is_file =
      found->finfo.filetype == APR_REG && !(found->path_info && found->path_info[0] != '\0');
  if (!is_file) return not_there();
  auto file = open_service_image(found, prefix_, image_file);
  if (!file) return pass_on(file);
  return FrameFile{filename, std::move(*file)};
}

Result<SequenceViews> RequestSequence::views() const {
  if (!stem_) return fail(ErrorKind::not_found, "The image is not there");
  const char* path = apr_pstrcat(r_->pool, prefix_, stem_, nullptr);
  const char* name = apr_filepath_name_get(path);
  return list_views(apr_pstrmemdup(r_->pool, path, static_cast<apr_size_t>(name - path)), name);
}

Result<File> RequestSequence::open(const View& view) const {
  auto found = find(view);
  if (!found) return pass_on(found);
  return std::move(found->file);
}

}  // namespace iip
