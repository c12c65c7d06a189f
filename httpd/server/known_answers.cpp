#include "httpd/server/known_answers.h"

#include "engine/base/xxh3.h"

namespace iip {

namespace {

constexpr std::int64_t kNanosecondsInMicrosecond = 1000;  // httpd's times are in microseconds

bool is_of(const FileVersion& version, const apr_finfo_t& info) {
  constexpr apr_int32_t kNeeded =
      APR_FINFO_IDENT | APR_FINFO_SIZE | APR_FINFO_MTIME | APR_FINFO_CTIME;
  // Versions that are kept have settled: a later one differs by more than a microsecond.
  return (info.valid & kNeeded) == kNeeded &&
         static_cast<std::uint64_t>(info.device) == version.device &&
         static_cast<std::uint64_t>(info.inode) == version.inode &&
         static_cast<std::uint64_t>(info.size) == version.size &&
         info.mtime == version.mtime_ns / kNanosecondsInMicrosecond &&
         info.ctime == version.ctime_ns / kNanosecondsInMicrosecond;
}

}  // namespace

// The table lies at a random address, which serves as the seed: nobody outside can choose questions
// that share a slot.
std::size_t KnownAnswers::slot_of(std::string_view question) const {
  const auto seed = reinterpret_cast<std::uintptr_t>(slots_.data());
  return XXH3_64bits_withSeed(question.data(), question.size(), seed) % kSlots;
}

std::shared_ptr<const KnownAnswer> KnownAnswers::find(std::string_view question) const {
  const std::size_t number = slot_of(question);
  const MutexLock lock(lock_of(number));
  const auto& answer = slots_[number];
  return answer && answer->question == question ? answer : nullptr;
}

void KnownAnswers::keep(std::shared_ptr<const KnownAnswer> answer) {
  const std::size_t number = slot_of(answer->question);
  const MutexLock lock(lock_of(number));
  // The one before, if any, is destroyed once the lock is open.
  slots_[number].swap(answer);
}

bool still_holds(const KnownAnswer& answer, const request_rec* r) {
  const bool is_file = r->finfo.filetype == APR_REG && !(r->path_info && r->path_info[0]);
  return is_file && is_of(answer.version, r->finfo) &&
         dir_config(r).identity == answer.configuration &&
         server_config(r->server).host->purges().epoch_of(r->filename) == answer.purge_epoch;
}

}  // namespace iip
