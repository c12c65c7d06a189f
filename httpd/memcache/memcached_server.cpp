#include "httpd/memcache/memcached_server.h"

#include <algorithm>
#include <new>

#include "engine/base/signals_blocked.h"

namespace iip {

namespace {

using namespace std::chrono_literals;
using Outcome = MemcachedServer::Outcome;
using Reply = MemcachedSession::Outcome;

constexpr auto kUnused = 60s;                 // a session is closed after that time
constexpr auto kShortestPatience = 50ms;      // as long as the library waits for the first byte
constexpr std::size_t kLargestBatch = 16;     // questions in one call
constexpr std::size_t kParcelOverhead = 256;  // bytes of the queue, besides those of the tile
constexpr const char* kProbeKey = "iip:probe";

std::size_t size_of(const MemcachedParcel& parcel) { return parcel.tile.size() + kParcelOverhead; }

bool is_failure(Outcome outcome) {
  return outcome == Outcome::timeout || outcome == Outcome::broken;
}

Outcome failure_of(Reply reply) {
  return reply == Reply::silent || reply == Reply::slow ? Outcome::timeout : Outcome::broken;
}

}  // namespace

struct MemcachedServer::Question {
  Question(std::string key, Clock::time_point deadline)
      : lookup{std::move(key), std::nullopt}, until(deadline) {}

  void answer(Outcome with) {
    {
      const MutexLock lock(mutex);
      outcome = with;
      is_done = true;
    }
    answered.notify_one();
  }

  MemcachedLookup lookup;  // the session's own from when it takes the question until is_done
  const Clock::time_point until;
  bool is_repeated = false;               // asked a second time; only sessions touch it
  std::atomic<bool> is_given_up = false;  // nobody waits for the answer
  // Not the server's, for which all who are told at a time would queue.
  Mutex mutex;
  ConditionVariable answered;
  Outcome outcome IIP_GUARDED_BY(mutex) = Outcome::timeout;
  bool is_done IIP_GUARDED_BY(mutex) = false;
};

struct MemcachedServer::Worker {
  Worker(CallClock& clock, Mutex& opening) : session(clock, opening) {}

  MemcachedSession session;
  std::thread thread;
};

MemcachedServer::MemcachedServer(std::string name, std::vector<SocketAddress> addresses,
                                 LogSink& log, CallClock& clock, const MemcachedLimits& limits)
    : name_(std::move(name)),
      addresses_(std::move(addresses)),
      log_(log),
      limits_(limits),
      breaker_(limits.rest) {
  const SignalsBlocked inherited_by_the_threads;
  try {
    for (std::size_t i = 0; i < limits.sessions; ++i) {
      Worker& worker = *workers_.emplace_back(std::make_unique<Worker>(clock, opening_));
      worker.thread = std::thread([this, &worker] { run(worker.session); });
    }
  } catch (...) {
    stop();
    throw;
  }
}

MemcachedServer::~MemcachedServer() { stop(); }

void MemcachedServer::stop() {
  end();
  for (const auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
  const MutexLock lock(mutex_);
  drop_queue();
}

void MemcachedServer::end() {
  {
    const MutexLock lock(mutex_);
    ended_ = true;
    wake_.notify_all();
  }
  for (const auto& worker : workers_) worker->session.end();
}

// ---- For the threads that serve requests ----

MemcachedServer::Answer MemcachedServer::get(std::string key, Clock::duration patience) {
  const Breaker::Pass pass = breaker_.enter();
  if (pass == Breaker::Pass::refused) return {};
  Answer answer{Outcome::broken, {}};
  try {
    answer = wait_for_answer(std::move(key), Clock::now() + patience);
  } catch (const std::bad_alloc&) {  // the pass must be given back
  }
  report(pass, answer.outcome);
  return answer;
}

MemcachedServer::Answer MemcachedServer::wait_for_answer(std::string key, Clock::time_point until) {
  const auto question = std::make_shared<Question>(std::move(key), until);
  {
    const MutexLock lock(mutex_);
    waiting_.push_back(question);
  }
  wake_.notify_one();
  MutexLock lock(question->mutex);
  while (!question->is_done &&
         question->answered.wait_until(lock, until) == std::cv_status::no_timeout) {
  }
  if (!question->is_done) {
    lock.unlock();
    question->is_given_up = true;
    const MutexLock waiting_lock(mutex_);
    std::erase(waiting_, question);
    return {Outcome::timeout, {}};
  }
  if (question->outcome != Outcome::value) return {question->outcome, {}};
  return {Outcome::value, std::move(*question->lookup.value)};
}

bool MemcachedServer::post(MemcachedParcel parcel) {
  if (breaker_.state() == Breaker::State::open) return false;
  const std::size_t size = size_of(parcel);
  const MutexLock lock(mutex_);
  if (size > limits_.queue_bytes - queued_bytes_) return false;
  queue_.push_back(std::move(parcel));
  queued_bytes_ += size;
  if (!sending_) wake_.notify_one();
  return true;
}

void MemcachedServer::report(Breaker::Pass pass, Outcome outcome) {
  switch (breaker_.report(pass, !is_failure(outcome))) {
    case Breaker::Change::none:
      return;
    case Breaker::Change::closed:
      log_.write(LogLevel::notice, "memcached " + name_ + " is in use again");
      return;
    case Breaker::Change::opened:
      break;
  }
  log_.write(LogLevel::warning,
             "memcached " + name_ +
                 (outcome == Outcome::timeout ? " does not answer in time"
                                              : " is not there, or does not speak memcached") +
                 ": it is left out until it does");
  const MutexLock lock(mutex_);  // so that each thread either has seen it or is waiting
  wake_.notify_all();
}

// ---- The server's threads ----

void MemcachedServer::run(MemcachedSession& session) {
  bool has_sent = false;  // so that questions and tiles take turns
  MutexLock lock(mutex_);
  while (!ended_) {
    const auto rests_until = breaker_.rests_until();
    if (rests_until) drop_queue();
    const bool may_send = !queue_.empty() && !sending_;
    if (!waiting_.empty() && (has_sent || !may_send)) {
      const Batch batch = take_questions();
      lock.unlock();
      answer(session, batch);
      lock.lock();
      has_sent = false;
    } else if (may_send) {
      const MemcachedParcel parcel = std::move(queue_.front());
      queue_.pop_front();
      queued_bytes_ -= size_of(parcel);
      sending_ = true;
      lock.unlock();
      send(session, parcel);
      lock.lock();
      sending_ = false;
      has_sent = true;
    } else if (rests_until && !probing_) {
      if (Clock::now() < *rests_until) {
        wake_.wait_until(lock, *rests_until);
        continue;
      }
      probing_ = true;
      lock.unlock();
      probe(session);
      lock.lock();
      probing_ = false;
    } else if (wake_.wait_for(lock, kUnused) == std::cv_status::timeout) {
      lock.unlock();
      session.close();
      lock.lock();
    }
  }
  lock.unlock();
  session.close();  // here, where a server that has hung up raises no SIGPIPE
}

// The oldest that wait.
MemcachedServer::Batch MemcachedServer::take_questions() {
  const auto end =
      waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kLargestBatch));
  Batch batch(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  return batch;
}

void MemcachedServer::answer(MemcachedSession& session, const Batch& batch) {
  auto reply = Reply::broken;
  const bool was_open = session.is_usable();
  try {
    std::vector<MemcachedLookup*> lookups;
    auto last = Clock::time_point::min();
    for (const auto& question : batch) {
      lookups.push_back(&question->lookup);
      last = std::max(last, question->until);
    }
    reply = was_open ? Reply::done : reconnect(session);
    const auto now = Clock::now();
    const auto latest = std::min(last, now + limits_.patience);
    if (reply == Reply::done)
      reply = session.get(lookups, std::max(latest, now + kShortestPatience));
  } catch (const std::bad_alloc&) {
    session.close();
    reply = Reply::broken;
  }

  const auto now = Clock::now();
  for (const auto& question : batch) {
    // Who has more time than the library gives a server may wait on; and a connection that was good
    // once may have been closed by a server that has started again.
    const bool once_more =
        reply == Reply::silent || (reply == Reply::broken && was_open && !question->is_repeated);
    if (once_more && !question->is_given_up && now < question->until) {
      question->is_repeated = true;
      const MutexLock lock(mutex_);
      waiting_.push_back(question);
    } else if (reply != Reply::done) {
      question->answer(failure_of(reply));
    } else {
      question->answer(question->lookup.value ? Outcome::value : Outcome::miss);
    }
  }
}

void MemcachedServer::drop_queue() {
  for (const MemcachedParcel& parcel : queue_) ++parcel.site->counters.dropped;
  queue_.clear();
  queued_bytes_ = 0;
}

void MemcachedServer::send(MemcachedSession& session, const MemcachedParcel& parcel) {
  MemcachedCounters& counters = parcel.site->counters;
  const Breaker::Pass pass = breaker_.enter();
  if (pass == Breaker::Pass::refused) {
    ++counters.dropped;
    return;
  }
  auto reply = Reply::broken;
  try {
    reply = deliver(session, parcel);
  } catch (const std::bad_alloc&) {  // the pass must be given back
    session.close();
  }
  const bool is_well = reply == Reply::done || reply == Reply::refused;
  report(pass, is_well ? Outcome::value : failure_of(reply));
  if (reply == Reply::done) {
    ++counters.stored;
  } else if (reply == Reply::refused) {
    ++counters.refused;
  } else {
    ++counters.dropped;
  }
}

MemcachedSession::Outcome MemcachedServer::deliver(MemcachedSession& session,
                                                   const MemcachedParcel& parcel) {
  const ByteSpan tile = parcel.tile.span();
  const auto header = parcel.site->envelope.seal(parcel.key, tile);
  ByteVector value;
  value.reserve(header.size() + tile.size());
  value.insert(value.end(), header.begin(), header.end());
  value.insert(value.end(), tile.begin(), tile.end());
  const std::string key = parcel.site->key_text(parcel.key);
  for (bool was_open = session.is_usable();; was_open = false) {
    auto reply = was_open ? Reply::done : reconnect(session);
    if (reply == Reply::done) {
      reply = session.set(key, parcel.site->expiry, value, Clock::now() + limits_.patience);
    }
    if (reply != Reply::broken || !was_open) return reply;
  }
}

// Asks what a request would ask, on a new connection: a server that accepts connections and then
// stalls does not pass.
void MemcachedServer::probe(MemcachedSession& session) try {
  MemcachedLookup lookup{kProbeKey, std::nullopt};
  MemcachedLookup* const lookups[] = {&lookup};
  auto reply = reconnect(session);
  if (reply == Reply::done) reply = session.get(lookups, Clock::now() + limits_.patience);
  breaker_.rested(reply == Reply::done && !lookup.value);
} catch (const std::bad_alloc&) {
  session.close();
  breaker_.rested(false);
}

// Addresses are tried in turn, the one that answered last first.
MemcachedSession::Outcome MemcachedServer::reconnect(MemcachedSession& session) {
  session.close();
  const std::size_t first = first_address_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < addresses_.size() && !ended_; ++i) {
    const std::size_t place = (first + i) % addresses_.size();
    const auto reply = session.open(addresses_[place]);
    if (reply == Reply::broken) continue;
    // Where one address swallows everything, the next attempt begins with the one behind it.
    const std::size_t next = reply == Reply::done ? place : place + 1;
    first_address_.store(next % addresses_.size(), std::memory_order_relaxed);
    return reply;
  }
  return Reply::broken;
}

}  // namespace iip
