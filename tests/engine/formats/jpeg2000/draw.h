// Draws numbers that are the same in each run and with each library.
#pragma once

#include <cstdint>
#include <random>

namespace iip::test {

class Draw {
 public:
  explicit Draw(std::uint32_t seed) : engine_(seed) {}

  int between(int least, int most) {
    return least + static_cast<int>(engine_() % (static_cast<unsigned>(most - least) + 1U));
  }
  bool happens(int percent) { return between(1, 100) <= percent; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(between(0, 255)); }

 private:
  std::mt19937 engine_;
};

}  // namespace iip::test
