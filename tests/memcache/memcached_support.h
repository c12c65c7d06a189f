// Servers for the tests of the memcached tier: real ones, in processes of their own, and one in
// this process that answers as it is told.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "httpd/memcache/memcached_store.h"

namespace iip {

// Collects lines from all threads.
class CollectingLog : public LogSink {
 public:
  bool enabled(LogLevel) const override { return true; }
  void write(LogLevel, std::string_view line) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(line);
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

// memcached on a free port of 127.0.0.1 or the address, or on the socket that is named.
class RealMemcached {
 public:
  explicit RealMemcached(std::vector<std::string> options = {}, std::string socket = {},
                         const std::string& address = "127.0.0.1");
  ~RealMemcached() { kill(); }
  RealMemcached(const RealMemcached&) = delete;
  RealMemcached& operator=(const RealMemcached&) = delete;

  const std::string& name() const { return name_; }

  void start();  // waits until it answers
  void kill();   // as by kill -9
  void stop();   // as by kill -STOP: it listens and says nothing
  void resume();

  // Says `command` and gives what is answered, up to the end of the line; nothing where nobody is.
  std::string ask(std::string_view command) const;

 private:
  // A connection, or -1.
  int connect() const;
  bool is_up() const;
  void launch();

  const std::string name_;
  std::vector<std::string> command_;
  int process_ = -1;
};

// A connection to the fake server, as its behaviour sees it.
class FakeClient {
 public:
  FakeClient(int fd, const std::atomic<bool>& ended) : fd_(fd), ended_(ended) {}

  void say(std::string_view text);
  // Says `text` a byte at a time.
  void drip(std::string_view text, std::chrono::milliseconds each);
  // Says `text` over and over, for as long as anybody listens.
  void pour(std::string_view text);
  // As long as the test lasts.
  void be_silent();
  void hang_up() { hung_up_ = true; }

  bool hung_up() const { return hung_up_; }

 private:
  const int fd_;
  const std::atomic<bool>& ended_;
  bool hung_up_ = false;
};

struct FakeRequest {
  bool is_set = false;
  std::string key;
  std::uint64_t expiry = 0;
  std::string value;  // of a set; of a get: what is kept
  bool is_kept = false;
};

// Honest as long as no behaviour is set.
class FakeMemcached {
 public:
  using Behaviour = std::function<void(FakeClient&, const FakeRequest&)>;

  FakeMemcached();
  ~FakeMemcached();
  FakeMemcached(const FakeMemcached&) = delete;
  FakeMemcached& operator=(const FakeMemcached&) = delete;

  std::string name() const { return "127.0.0.1:" + std::to_string(port_); }
  void behave(Behaviour behaviour);
  int connections() const { return connections_; }
  // Waits until all clients have gone, with what was theirs.
  void forget();

  static void be_honest(FakeClient& client, const FakeRequest& request);

 private:
  void accept_all();
  void serve(int fd);
  bool read_request(int fd, std::string& buffer, FakeRequest& request);

  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> ended_ = false;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;  // guards those below
  Behaviour behaviour_;
  std::map<std::string, std::string> kept_;
  std::vector<int> fds_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// A store over the named servers, as a child process would have it.
struct Tier {
  struct Options {
    std::string site = "images.example.org";
    std::string secret = "the secret of the cluster";
    std::uint32_t expiry = 86400;
    std::chrono::milliseconds deadline{1000};
    MemcachedLimits limits{std::chrono::milliseconds(200), std::chrono::milliseconds(1000)};
  };

  Tier(const std::vector<std::string>& names, const Options& options);
  explicit Tier(const std::vector<std::string>& names) : Tier(names, Options()) {}

  const MemcachedCounters& counters() const { return store->counters(); }
  // Waits until every tile that was given to store() has gone its way; false: it did not.
  bool settle() const;

  CollectingLog log;
  CallClock clock;
  const std::unique_ptr<MemcachedCounters> counted = std::make_unique<MemcachedCounters>();
  std::shared_ptr<MemcachedSite> site;
  std::unique_ptr<MemcachedStore> store;
};

// As a session takes them.
inline std::span<std::uint8_t> bytes_of(std::string& text) {
  return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

// Tiles that differ by number.
Digest tile_key(int number);
Bytes tile_of(int number, std::size_t size = 20'000);
void store_tile(Tier& tier, int number, std::size_t size = 20'000);
// hit: it is that tile, byte for byte; else wrong.
enum class Found { hit, miss, wrong };
Found find_tile(Tier& tier, int number, std::size_t size = 20'000);

// Asks until `done()`, for at most ten seconds.
bool wait_for(const std::function<bool()>& done);

// How many of the tiles [first, last) are found; none may be another.
int hits(Tier& tier, int first, int last);
// Stores them, and waits until they are sent.
void store_tiles(Tier& tier, int first, int last);

}  // namespace iip
