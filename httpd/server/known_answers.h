// Known answers: what was worked out for questions that are asked again and again.
//
// The first tiles of a picture are asked for by every visitor. Once an answer was found in the tile
// cache, what had led to it is kept under the question: the image's file, the protocol, the key and
// the headers. The question is everything that the request and the configuration decide it by.
// Nothing else is taken for granted: httpd checks access as for any request, the file must still be
// the version that the answer is of, and the bytes must still be in the tile cache; where one of
// these does not hold the request goes the long way.
//
// A process has one table, of a fixed number of slots; a new question replaces the one that is in
// its slot. Questions are compared as they are, to the last byte: two whose digests are alike
// could be made. Thread-safe.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/mutex.h"
#include "engine/protocol/request.h"
#include "engine/service/answer.h"
#include "httpd/apr/apache.h"
#include "httpd/config/config.h"

namespace iip {

struct KnownAnswer {
  std::string question;
  Protocol protocol = Protocol::automatic;
  std::string image_file;  // below the prefix
  bool varies_on_accept = false;
  AnswerPath path = AnswerPath::document;
  // What the answer is of: it holds for these only.
  FileVersion version;
  std::uint64_t purge_epoch = 0;
  std::uint64_t configuration = 0;  // DirConfig::identity in the handler
  AnswerHead head;
  Digest key;  // the body's, in the tile cache
};

class KnownAnswers {
 public:
  std::shared_ptr<const KnownAnswer> find(std::string_view question) const;
  void keep(std::shared_ptr<const KnownAnswer> answer);

 private:
  static constexpr std::size_t kSlots = 2048;  // an answer takes about a kilobyte
  static constexpr std::size_t kLocks = 16;

  std::size_t slot_of(std::string_view question) const;
  Mutex& lock_of(std::size_t slot) const { return locks_[slot % kLocks]; }

  std::vector<std::shared_ptr<const KnownAnswer>> slots_{kSlots};
  mutable std::array<Mutex, kLocks> locks_;
};

// Does it hold for the file that httpd's core has found, and for the configuration that is in force
// there?
bool still_holds(const KnownAnswer& answer, const request_rec* r);

}  // namespace iip
