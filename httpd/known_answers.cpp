#include "httpd/known_answers.h"

#include <algorithm>
#include <array>

#include "engine/base/xxh3.h"
#include "httpd/form_body.h"

namespace iip {

namespace {

constexpr std::size_t kLongestQuestion = 1024;  // thousands of them are kept
constexpr std::int64_t kNanosecond = 1000;      // of which a microsecond, httpd's unit, has so many

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

// Nobody outside is to choose who shares a place with whom; where the table lies is random.
std::size_t KnownAnswers::place_of(std::string_view question) const {
  const auto seed = reinterpret_cast<std::uintptr_t>(places_.data());
  return XXH3_64bits_withSeed(question.data(), question.size(), seed) % kPlaces;
}

std::shared_ptr<const KnownAnswer> KnownAnswers::find(std::string_view question) const {
  const std::size_t number = place_of(question);
  const std::lock_guard lock(lock_of(number));
  const auto& answer = places_[number];
  return answer && answer->question == question ? answer : nullptr;
}

void KnownAnswers::keep(std::shared_ptr<const KnownAnswer> answer) {
  const std::size_t number = place_of(answer->question);
  const std::lock_guard lock(lock_of(number));
  // The one before, if any, is destroyed once the lock is open.
  places_[number].swap(answer);
}

std::string_view question_of(request_rec* r, const DirConfig& dir, const RequestState& state) {
  if (r->method_number != M_GET || r->header_only || r->main || dir.identity == 0) return {};
  if (has_body(r)) return {};
  const std::array<std::uint64_t, 3> numbers{
      reinterpret_cast<std::uintptr_t>(&server_config(r->server)), dir.identity,
      ap_get_server_port(r)};
  const std::array texts{// How httpd is called, for the URLs in headers.
                         text_of(ap_http_scheme(r)),
                         text_of(ap_get_server_name_for_url(r)),
                         text_of(state.service_path),
                         text_of(state.encoded_path),
                         text_of(state.decoded_path),
                         text_of(r->uri),
                         text_of(r->args),
                         text_of(apr_table_get(r->headers_in, "Accept"))};
  std::array<std::uint32_t, texts.size()> lengths{};
  std::size_t size = sizeof numbers + sizeof lengths;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].size() > kLongestQuestion) return {};
    lengths[i] = static_cast<std::uint32_t>(texts[i].size());
    size += texts[i].size();
  }
  if (size > kLongestQuestion) return {};
  auto* question = static_cast<char*>(apr_palloc(r->pool, size));
  char* end = question;
  const auto append = [&end](const void* bytes, std::size_t count) {
    end = std::copy_n(static_cast<const char*>(bytes), count, end);
  };
  append(numbers.data(), sizeof numbers);
  append(lengths.data(), sizeof lengths);
  for (const std::string_view text : texts) append(text.data(), text.size());
  return {question, size};
}

bool still_holds(const KnownAnswer& answer, const request_rec* r) {
  const bool is_file = r->finfo.filetype == APR_REG && !(r->path_info && r->path_info[0]);
  return is_file && is_of(answer.version, r->finfo) &&
         dir_config(r).identity == answer.configuration &&
         server_config(r->server).host->purges().epoch_of(r->filename) == answer.purge_epoch;
}

}  // namespace iip
