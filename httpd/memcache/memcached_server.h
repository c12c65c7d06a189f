// MemcachedServer: one server of the tier between machines, whatever state it is in.
//
// A few threads do all that is done with the server, each in a session of its own: they ask what
// get() has been asked for, as many questions at a time as wait, send the tiles that post() has
// queued, and try a server that was in trouble. The threads that serve requests wait in get(), no
// longer than they are told, and never in the library. So a server that stalls holds up its own
// threads and nothing else.
//
// One session at most sends tiles, so that there is one for questions.
//
// A breaker stands before it: after a few failures nobody asks until the server has answered a
// probe. The log is told when it opens and when it closes, and nothing in between.
//
// Thread-safe. Addresses are given, so nothing here waits for a name server.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/mutex.h"
#include "engine/remote/breaker.h"
#include "engine/remote/memcached_site.h"
#include "httpd/memcache/memcached_session.h"

namespace iip {

struct MemcachedLimits {
  std::chrono::milliseconds rest{5000};            // before a server in trouble is tried again
  std::chrono::milliseconds patience{250};         // of a session, for one call
  std::size_t queue_bytes = std::size_t{8} << 20;  // of tiles that wait to be sent
  std::size_t sessions = 2;
};

// A tile on its way to a server.
struct MemcachedParcel {
  std::shared_ptr<MemcachedSite> site;
  Digest key;
  Bytes tile;
};

class MemcachedServer {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Outcome { value, miss, timeout, broken, unasked };
  struct Answer {
    Outcome outcome = Outcome::unasked;
    ByteVector value;
  };

  // Starts the threads; throws std::system_error where there is none to be had. `log` is used by
  // several threads; it and `clock` must outlive the server.
  MemcachedServer(std::string name, std::vector<SocketAddress> addresses, LogSink& log,
                  CallClock& clock, const MemcachedLimits& limits = {});
  // Ends the threads: at once, or where one is about to connect, after a second at the latest. What
  // waits is dropped. Nobody may be in get().
  ~MemcachedServer();
  MemcachedServer(const MemcachedServer&) = delete;
  MemcachedServer& operator=(const MemcachedServer&) = delete;

  const std::string& name() const { return name_; }
  Breaker::State state() const { return breaker_.state(); }

  // Waits for the answer, no longer than `patience`.
  Answer get(std::string key, Clock::duration patience);

  // false: dropped.
  bool post(MemcachedParcel parcel);

  // Tells the threads to end, without waiting: for the owner of several.
  void end();

 private:
  struct Question;
  struct Worker;
  using Batch = std::vector<std::shared_ptr<Question>>;

  void stop();
  Answer wait_for_answer(std::string key, Clock::time_point until);
  void run(MemcachedSession& session);
  Batch take_questions() IIP_REQUIRES(mutex_);
  void answer(MemcachedSession& session, const Batch& batch);
  void drop_queue() IIP_REQUIRES(mutex_);
  void send(MemcachedSession& session, const MemcachedParcel& parcel);
  MemcachedSession::Outcome deliver(MemcachedSession& session, const MemcachedParcel& parcel);
  void probe(MemcachedSession& session);
  MemcachedSession::Outcome reconnect(MemcachedSession& session);
  void report(Breaker::Pass pass, Outcome outcome);

  const std::string name_;
  const std::vector<SocketAddress> addresses_;
  LogSink& log_;
  const MemcachedLimits limits_;
  Breaker breaker_;
  std::atomic<std::size_t> first_address_ = 0;
  std::atomic<bool> ended_ = false;  // changed with mutex_ held
  Mutex opening_;                    // see MemcachedSession

  Mutex mutex_;
  ConditionVariable wake_;
  Batch waiting_ IIP_GUARDED_BY(mutex_);
  std::deque<MemcachedParcel> queue_ IIP_GUARDED_BY(mutex_);
  std::size_t queued_bytes_ IIP_GUARDED_BY(mutex_) = 0;
  bool sending_ IIP_GUARDED_BY(mutex_) = false;
  bool probing_ IIP_GUARDED_BY(mutex_) = false;

  std::vector<std::unique_ptr<Worker>> workers_;  // the last member: they use all the others
};

}  // namespace iip
