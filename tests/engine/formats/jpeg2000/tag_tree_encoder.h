// Writes tag trees (ISO/IEC 15444-1 B.10.2) as bits of a packet header, given as 0 and 1.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace iip::test {

class TagTreeEncoder {
 public:
  TagTreeEncoder(int width, int height, const std::vector<int>& leaves) {
    levels_.push_back(Level{width, height, leaves, {}, {}});
    while (levels_.back().values.size() > 1) levels_.push_back(above(levels_.back()));
    for (Level& level : levels_) {
      level.lower_bounds.resize(level.values.size());
      level.is_told.resize(level.values.size());
    }
  }

  int value(std::size_t level, int x, int y) const {
    return levels_[level].values[levels_[level].place(x, y)];
  }
  std::size_t levels() const { return levels_.size(); }

  // What a decoder that knows all that was written before has to be told so that it knows whether
  // the leaf is below `threshold`.
  std::string tell(int x, int y, int threshold) {
    std::string bits;
    int bound = 0;
    for (std::size_t i = levels_.size(); i-- > 0;) {
      Level& level = levels_[i];
      const std::size_t at = level.place(x >> i, y >> i);
      int& own_bound = level.lower_bounds[at];
      own_bound = std::max(own_bound, bound);
      for (; own_bound < threshold && own_bound < level.values[at]; ++own_bound) bits += '0';
      if (own_bound < threshold && !level.is_told[at]) {
        bits += '1';
        level.is_told[at] = true;
      }
      bound = own_bound;
    }
    return bits;
  }

 private:
  struct Level {
    int width;
    int height;
    std::vector<int> values;
    std::vector<int> lower_bounds;
    std::vector<bool> is_told;

    std::size_t place(int x, int y) const {
      return static_cast<std::size_t>(std::int64_t{y} * width + x);
    }
  };

  // Each value is the least of the up to four below it.
  static Level above(const Level& below) {
    Level level{(below.width + 1) / 2, (below.height + 1) / 2, {}, {}, {}};
    for (int y = 0; y < level.height; ++y) {
      for (int x = 0; x < level.width; ++x) {
        int least = below.values[below.place(2 * x, 2 * y)];
        for (const auto& [dx, dy] : {std::pair{1, 0}, {0, 1}, {1, 1}}) {
          if (2 * x + dx >= below.width || 2 * y + dy >= below.height) continue;
          least = std::min(least, below.values[below.place(2 * x + dx, 2 * y + dy)]);
        }
        level.values.push_back(least);
      }
    }
    return level;
  }

  std::vector<Level> levels_;  // the leaves first
};

}  // namespace iip::test
