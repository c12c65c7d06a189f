// MemcachedServer: one server of the tier between machines, whatever state it is in.
//
// get() is for the threads that serve requests: it waits, on the caller's own connection, no longer
// than it is told. Everything else is done by one thread of the server's: it sends the tiles that
// post() has queued, tries a server that was in trouble, and closes connections that are not used.
// So a server that stalls holds up its own thread and nothing else.
//
// A breaker stands before it: after a few failures nobody asks until the server has answered a
// probe. The log is told when it opens and when it closes, and nothing in between.
//
// Thread-safe. Addresses are given, so nothing here waits for a name server.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/base/log.h"
#include "engine/remote/breaker.h"
#include "engine/remote/memcached_site.h"
#include "httpd/memcache/memcached_connections.h"

namespace iip {

struct MemcachedLimits {
  std::chrono::milliseconds rest{5000};            // before a server in trouble is tried again
  std::chrono::milliseconds patience{250};         // of the thread, for one store or probe
  std::size_t queue_bytes = std::size_t{8} << 20;  // of tiles that wait to be sent
};

// A tile on its way to a server.
struct MemcachedParcel {
  std::shared_ptr<MemcachedSite> site;
  Digest key;
  ByteVector head;
  Bytes body;
};

class MemcachedServer {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Outcome { value, miss, timeout, broken, unasked };

  // Starts the thread; throws std::system_error where there is none to be had. `log` is used by
  // several threads and must outlive the server.
  MemcachedServer(std::string name, std::vector<SocketAddress> addresses, LogSink& log,
                  const MemcachedLimits& limits = {});
  // Ends the thread, after the limits' patience at the latest. What waits is dropped.
  ~MemcachedServer();
  MemcachedServer(const MemcachedServer&) = delete;
  MemcachedServer& operator=(const MemcachedServer&) = delete;

  const std::string& name() const { return name_; }
  Breaker::State state() const { return breaker_.state(); }

  // `value`: it is in `reply`, which was made for `key`.
  Outcome get(std::string_view key, GetReply& reply, Clock::duration patience);

  // false: dropped.
  bool post(MemcachedParcel parcel);

  // Tells the thread to end, without waiting: for the owner of several.
  void end();

 private:
  using Asked = std::optional<MemcachedConnections::Outcome>;  // nullopt: the breaker is open

  template <class Reader>
  Asked ask(std::span<const ByteSpan> message, Reader& reply, Clock::duration patience);
  void run();
  void drop_queue();
  void send(const MemcachedParcel& parcel);
  void probe();
  void report(Breaker::Pass pass, MemcachedConnections::Outcome outcome);

  const std::string name_;
  LogSink& log_;
  const MemcachedLimits limits_;
  Breaker breaker_;
  MemcachedConnections connections_;

  std::mutex mutex_;  // guards those below
  std::condition_variable wake_;
  std::deque<MemcachedParcel> queue_;
  std::size_t queued_bytes_ = 0;
  bool ended_ = false;
  std::thread thread_;  // the last member: it uses all the others
};

}  // namespace iip
