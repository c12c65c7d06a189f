// How often the tile cache has what is asked for, against least-recently-used lists (LRU).
//
//   cache_simulation [MEBIBYTES]     size of the cache, 64 unless told
//
// Prints hit ratios in percent for made-up traffic, the same in every run:
//
//   visitors    tiles of a collection, by popularity (Zipf, exponent 0.9)
//   +scan       the same while a robot reads one image of many tiles after the other, every tile
//               once, at half of all requests. Hits are counted for the visitors alone
//   +flood      the same, but the robot reads as another virtual host, and four tiles for
//               every one of the visitors
//
// in four arrangements: one tile cache or one LRU list for all, and one of either in each of eight
// processes, an eighth of the size each, with visitors spread over the processes at random. The LRU
// lists count the bytes of entries alone; the tile cache pays for its records out of its size.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <list>
#include <memory>
#include <random>
#include <unordered_map>
#include <vector>

#include "engine/cache/tile_cache.h"

namespace {

using iip::ByteSpan;
using iip::ByteVector;
using iip::CacheClient;
using iip::Digest;

constexpr int kProcesses = 8;
constexpr std::uint64_t kCollection = 40'000;
constexpr std::uint64_t kScanned = 1U << 24;  // its tiles are numbered from here
constexpr int kVisits = 200'000;
constexpr int kWarmUp = 60'000;
constexpr CacheClient kVisitors{0};
constexpr CacheClient kRobot{1};

struct Request {
  std::uint64_t tile;
  CacheClient client;
  bool counted;
  int process;
};

Digest key_of(std::uint64_t tile) {
  iip::Hasher hasher;
  hasher.add(tile);
  return hasher.digest();
}

// 2 to 30 KiB, always the same for a tile: the spread of JPEG tiles of 256 x 256.
std::size_t size_of(std::uint64_t tile) { return 2048 + key_of(tile).high % 28'672; }

class Cache {
 public:
  virtual ~Cache() = default;
  // Whether the tile was there; it is afterwards.
  virtual bool ask(const Request& request) = 0;
};

class Lru final : public Cache {
 public:
  explicit Lru(std::size_t size) : free_(size) {}

  bool ask(const Request& request) override {
    const auto found = places_.find(request.tile);
    if (found != places_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return true;
    }
    const std::size_t size = size_of(request.tile);
    while (free_ < size) {
      free_ += size_of(order_.back());
      places_.erase(order_.back());
      order_.pop_back();
    }
    free_ -= size;
    order_.push_front(request.tile);
    places_.emplace(request.tile, order_.begin());
    return false;
  }

 private:
  std::size_t free_;
  std::list<std::uint64_t> order_;  // most recently used first
  std::unordered_map<std::uint64_t, std::list<std::uint64_t>::iterator> places_;
};

class Block final : public Cache {
 public:
  explicit Block(std::size_t size)
      : memory_(size / sizeof(Line)),
        cache_(iip::TileCache::create(std::as_writable_bytes(std::span(memory_))).value()),
        bytes_(32'768, 7) {}

  bool ask(const Request& request) override {
    const Digest key = key_of(request.tile);
    if (cache_.find(key, request.client)) return true;
    cache_.store(key, ByteSpan(bytes_).first(size_of(request.tile)), request.client);
    return false;
  }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> memory_;
  iip::TileCache cache_;
  ByteVector bytes_;
};

// The same cache in each process.
class PerProcess final : public Cache {
 public:
  explicit PerProcess(const std::function<std::unique_ptr<Cache>()>& make) {
    for (int i = 0; i < kProcesses; ++i) caches_.push_back(make());
  }
  bool ask(const Request& request) override {
    return caches_[static_cast<std::size_t>(request.process)]->ask(request);
  }

 private:
  std::vector<std::unique_ptr<Cache>> caches_;
};

// `robot` tiles are read by a robot for each that a visitor asks for.
std::vector<Request> traffic(int robot, CacheClient robot_client) {
  std::mt19937_64 random(20'260'101);
  std::vector<double> weights;
  for (std::uint64_t rank = 1; rank <= kCollection; ++rank)
    weights.push_back(std::pow(static_cast<double>(rank), -0.9));
  std::discrete_distribution<std::uint64_t> popular(weights.begin(), weights.end());
  std::uniform_int_distribution<int> process(0, kProcesses - 1);

  std::vector<Request> requests;
  std::uint64_t scanned = kScanned;
  for (int visit = 0; visit < kVisits; ++visit) {
    requests.push_back({popular(random), kVisitors, visit >= kWarmUp, process(random)});
    for (int i = 0; i < robot; ++i)
      requests.push_back({scanned++, robot_client, false, process(random)});
  }
  return requests;
}

double hit_percent(Cache& cache, const std::vector<Request>& requests) {
  int hits = 0;
  int asked = 0;
  for (const Request& request : requests) {
    const bool hit = cache.ask(request);
    if (!request.counted) continue;
    ++asked;
    hits += hit ? 1 : 0;
  }
  return 100.0 * hits / asked;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t size = (argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 64) << 20;
  const auto block = [](std::size_t bytes) {
    return [bytes]() -> std::unique_ptr<Cache> { return std::make_unique<Block>(bytes); };
  };
  const auto lru = [](std::size_t bytes) {
    return [bytes]() -> std::unique_ptr<Cache> { return std::make_unique<Lru>(bytes); };
  };
  struct Arrangement {
    const char* name;
    std::function<std::unique_ptr<Cache>()> make;
  };
  const Arrangement arrangements[] = {
      {"tile cache, shared", block(size)},
      {"LRU, shared", lru(size)},
      {"tile cache, per process",
       [&] { return std::make_unique<PerProcess>(block(size / kProcesses)); }},
      {"LRU, per process", [&] { return std::make_unique<PerProcess>(lru(size / kProcesses)); }},
  };
  const std::vector<Request> traces[] = {traffic(0, kVisitors), traffic(1, kVisitors),
                                         traffic(4, kRobot)};

  std::printf("%zu MiB, %d processes, hits in percent\n", size >> 20, kProcesses);
  std::printf("%-26s %9s %9s %9s\n", "", "visitors", "+scan", "+flood");
  for (const Arrangement& arrangement : arrangements) {
    std::printf("%-26s", arrangement.name);
    for (const std::vector<Request>& trace : traces)
      std::printf(" %9.1f", hit_percent(*arrangement.make(), trace));
    std::printf("\n");
  }
  return 0;
}
