// How fast the tier between machines is asked: pictures a second from a number of threads, and how
// long one of them waits.
//
//   memcached_client HOST:PORT THREADS SECONDS    one line: hits a second, microseconds (median, 99
//   %)
//
// Uses the store as httpd does. bench/memcached_clients runs it against another build's.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <apr_general.h>

#include "engine/base/standard_error_log.h"
#include "httpd/memcache/memcached_store.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTiles = 256;
constexpr std::size_t kTileBytes = 20'000;

iip::Digest key_of(int number) {
  iip::Hasher hasher;
  hasher.add(number);
  return hasher.digest();
}

struct Measured {
  std::vector<double> waits;  // microseconds
  std::size_t misses = 0;
};

Measured ask(iip::RemoteStore& store, int first, const std::atomic<bool>& ended) {
  Measured measured;
  for (int i = first; !ended; i = (i + 1) % kTiles) {
    const auto start = Clock::now();
    const auto tile = store.find(key_of(i));
    measured.waits.push_back(
        std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    measured.misses += !tile;
  }
  return measured;
}

int measure(const std::string& server, int threads, double seconds) {
  iip::StandardErrorLog log(iip::LogLevel::trace2);
  iip::CallClock clock;
  iip::MemcachedCounters counters;
  auto site = std::make_shared<iip::MemcachedSite>("bench", "a secret for the bench", 0, counters);
  std::vector servers{std::make_shared<iip::MemcachedServer>(
      server, iip::look_up(*iip::parse_server_name(server, 11211)), log, clock)};
  iip::MemcachedStore store(servers, site, std::chrono::seconds(1));
  for (int i = 0; i < kTiles; ++i) {
    store.store(key_of(i), iip::Bytes(iip::ByteVector(kTileBytes, static_cast<std::uint8_t>(i))));
  }
  while (counters.stored + counters.dropped + counters.refused < kTiles) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  std::atomic<bool> ended = false;
  std::vector<Measured> measured(static_cast<std::size_t>(threads));
  std::vector<std::thread> all;
  const auto start = Clock::now();
  for (int t = 0; t < threads; ++t) {
    all.emplace_back([&, t] {
      measured[static_cast<std::size_t>(t)] = ask(store, t * kTiles / threads, ended);
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  ended = true;
  for (std::thread& thread : all) thread.join();
  const double took = std::chrono::duration<double>(Clock::now() - start).count();

  std::vector<double> waits;
  std::size_t misses = 0;
  for (const Measured& one : measured) {
    waits.insert(waits.end(), one.waits.begin(), one.waits.end());
    misses += one.misses;
  }
  std::ranges::sort(waits);
  if (misses != 0) std::fprintf(stderr, "%zu of %zu were misses\n", misses, waits.size());
  std::printf("%.0f %.0f %.0f\n", static_cast<double>(waits.size() - misses) / took,
              waits[waits.size() / 2], waits[waits.size() * 99 / 100]);
  return misses * 100 > waits.size() ? 1 : 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "memcached_client HOST:PORT THREADS SECONDS\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  if (apr_initialize() != APR_SUCCESS) return 1;
  const int result = measure(arguments[1], std::atoi(arguments[2]), std::atof(arguments[3]));
  apr_terminate();
  return result;
}
