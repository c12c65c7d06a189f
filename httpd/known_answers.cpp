#include "httpd/known_answers.h"

#include "httpd/form_body.h"

namespace iip {

namespace {

constexpr std::int64_t kNanosecond = 1000;  // of which a microsecond, httpd's unit, has so many

std::string_view text_of(const char* text) { return text ? text : std::string_view(); }

bool is_of(const FileVersion& version, const apr_finfo_t& info) {
  constexpr apr_int32_t kNeeded =
      APR_FINFO_IDENT | APR_FINFO_SIZE | APR_FINFO_MTIME | APR_FINFO_CTIME;
  // Versions that are kept have settled: a later one differs by more than a microsecond.
  return (info.valid & kNeeded) == kNeeded &&
         static_cast<std::uint64_t>(info.device) == version.device &&
         static_cast<std::uint64_t>(info.inode) == version.inode &&
         static_cast<std::uint64_t>(info.size) == version.size &&
         info.mtime == version.mtime_ns / kNanosecond &&
         info.ctime == version.ctime_ns / kNanosecond;
}

}  // namespace

std::shared_ptr<const KnownAnswer> KnownAnswers::find(const Digest& question) const {
  const std::size_t number = place_of(question);
  const std::lock_guard lock(lock_of(number));
  const Place& place = places_[number];
  return place.question == question ? place.answer : nullptr;
}

void KnownAnswers::keep(const Digest& question, std::shared_ptr<const KnownAnswer> answer) {
  const std::size_t number = place_of(question);
  const std::lock_guard lock(lock_of(number));
  Place& place = places_[number];
  place.question = question;
  // The one before, if any, is destroyed once the lock is open.
  place.answer.swap(answer);
}

Digest question_of(request_rec* r, const DirConfig& dir, const RequestState& state) {
  if (r->method_number != M_GET || r->header_only || r->main || dir.identity == 0) return {};
  if (has_body(r)) return {};
  Hasher hasher;
  hasher.add(reinterpret_cast<std::uintptr_t>(&server_config(r->server)));
  hasher.add(dir.identity);
  // How httpd is called, for the URLs in headers.
  hasher.add(text_of(ap_http_scheme(r)));
  hasher.add(text_of(ap_get_server_name_for_url(r)));
  hasher.add(ap_get_server_port(r));
  hasher.add(text_of(state.service_path));
  hasher.add(text_of(state.encoded_path));
  hasher.add(text_of(state.decoded_path));
  hasher.add(text_of(r->uri));
  hasher.add(text_of(r->args));
  hasher.add(text_of(apr_table_get(r->headers_in, "Accept")));
  return hasher.digest();
}

bool still_holds(const KnownAnswer& answer, const request_rec* r) {
  const bool is_file = r->finfo.filetype == APR_REG && !(r->path_info && r->path_info[0]);
  return is_file && is_of(answer.version, r->finfo) &&
         dir_config(r).identity == answer.configuration &&
         server_config(r->server).host->purges().epoch_of(r->filename) == answer.purge_epoch;
}

}  // namespace iip
