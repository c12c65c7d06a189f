#include "httpd/memcache/memcached_server.h"

#include <array>
#include <new>

#include "engine/base/signals_blocked.h"

namespace iip {

namespace {

using namespace std::chrono_literals;

constexpr auto kUnused = 60s;                 // a connection is closed after that time
constexpr std::size_t kParcelOverhead = 256;  // of the queue, for each tile
constexpr std::string_view kProbeKey = "iip:probe";

ByteSpan bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::size_t size_of(const MemcachedParcel& parcel) {
  return parcel.head.size() + parcel.body.size() + kParcelOverhead;
}

bool is_failure(MemcachedConnections::Outcome outcome) {
  return outcome == MemcachedConnections::Outcome::timeout ||
         outcome == MemcachedConnections::Outcome::broken;
}

}  // namespace

MemcachedServer::MemcachedServer(std::string name, std::vector<SocketAddress> addresses,
                                 LogSink& log, const MemcachedLimits& limits)
    : name_(std::move(name)),
      log_(log),
      limits_(limits),
      breaker_(limits.rest),
      connections_(std::move(addresses)) {
  const SignalsBlocked inherited_by_the_thread;
  thread_ = std::thread([this] { run(); });
}

MemcachedServer::~MemcachedServer() {
  end();
  thread_.join();
}

void MemcachedServer::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  wake_.notify_one();
}

template <class Reader>
MemcachedServer::Asked MemcachedServer::ask(std::span<const ByteSpan> message, Reader& reply,
                                            Clock::duration patience) {
  const Breaker::Pass pass = breaker_.enter();
  if (pass == Breaker::Pass::refused) return std::nullopt;
  auto outcome = MemcachedConnections::Outcome::broken;
  try {
    outcome = connections_.ask(message, reply, Clock::now() + patience);
  } catch (const std::bad_alloc&) {  // the pass must be given back
  }
  report(pass, outcome);
  return outcome;
}

MemcachedServer::Outcome MemcachedServer::get(std::string_view key, GetReply& reply,
                                              Clock::duration patience) {
  const std::string command = get_command(key);
  const ByteSpan message[] = {bytes_of(command)};
  const Asked asked = ask(message, reply, patience);
  if (!asked) return Outcome::unasked;
  switch (*asked) {
    case MemcachedConnections::Outcome::value:
      return Outcome::value;
    case MemcachedConnections::Outcome::miss:
      return Outcome::miss;
    case MemcachedConnections::Outcome::timeout:
      return Outcome::timeout;
    default:
      return Outcome::broken;
  }
}

bool MemcachedServer::post(MemcachedParcel parcel) {
  if (breaker_.state() == Breaker::State::open) return false;
  const std::size_t size = size_of(parcel);
  const std::lock_guard lock(mutex_);
  if (size > limits_.queue_bytes - queued_bytes_) return false;
  queue_.push_back(std::move(parcel));
  queued_bytes_ += size;
  wake_.notify_one();
  return true;
}

void MemcachedServer::report(Breaker::Pass pass, MemcachedConnections::Outcome outcome) {
  switch (breaker_.report(pass, !is_failure(outcome))) {
    case Breaker::Change::none:
      return;
    case Breaker::Change::closed:
      log_.write(LogLevel::notice, "memcached " + name_ + " is in use again");
      return;
    case Breaker::Change::opened:
      break;
  }
  const bool timeout = outcome == MemcachedConnections::Outcome::timeout;
  log_.write(LogLevel::warning, "memcached " + name_ +
                                    (timeout ? " does not answer in time"
                                             : " is not there, or does not speak memcached") +
                                    ": it is left out until it does");
  const std::lock_guard lock(mutex_);  // so that the thread either has seen it or is waiting
  wake_.notify_one();
}

// ---- The server's thread ----

void MemcachedServer::run() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    if (const auto rests_until = breaker_.rests_until()) {
      drop_queue();
      if (Clock::now() < *rests_until) {
        wake_.wait_until(lock, *rests_until);
        continue;
      }
      lock.unlock();
      probe();
      lock.lock();
    } else if (!queue_.empty()) {
      const MemcachedParcel parcel = std::move(queue_.front());
      queue_.pop_front();
      queued_bytes_ -= size_of(parcel);
      lock.unlock();
      send(parcel);
      lock.lock();
    } else if (wake_.wait_for(lock, kUnused) == std::cv_status::timeout) {
      connections_.close_unused_since(Clock::now() - kUnused);
    }
  }
  drop_queue();
}

void MemcachedServer::drop_queue() {
  for (const MemcachedParcel& parcel : queue_) ++parcel.site->counters.dropped;
  queue_.clear();
  queued_bytes_ = 0;
}

void MemcachedServer::send(const MemcachedParcel& parcel) try {
  const auto header = parcel.site->envelope.seal(parcel.key, parcel.head, parcel.body.span());
  const std::string command = set_command(parcel.site->key_text(parcel.key), parcel.site->expiry,
                                          header.size() + parcel.head.size() + parcel.body.size());
  const ByteSpan message[] = {bytes_of(command), header, parcel.head, parcel.body.span(),
                              bytes_of(kLineEnd)};
  SetReply reply;
  const Asked asked = ask(message, reply, limits_.patience);
  MemcachedCounters& counters = parcel.site->counters;
  if (asked == MemcachedConnections::Outcome::stored) {
    ++counters.stored;
  } else if (asked == MemcachedConnections::Outcome::refused) {
    ++counters.refused;
  } else {
    ++counters.dropped;
  }
} catch (const std::bad_alloc&) {
  ++parcel.site->counters.dropped;
}

// Asks what a request would ask, on a new connection: a server that accepts connections and then
// stalls does not pass.
void MemcachedServer::probe() try {
  connections_.close_unused_since(Clock::now());
  const std::string command = get_command(kProbeKey);
  const ByteSpan message[] = {bytes_of(command)};
  GetReply reply(kProbeKey, 0);
  breaker_.rested(!is_failure(connections_.ask(message, reply, Clock::now() + limits_.patience)));
} catch (const std::bad_alloc&) {
  breaker_.rested(false);
}

}  // namespace iip
