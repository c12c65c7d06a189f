// The nodes of a tag tree (ISO/IEC 15444-1 B.10.2), which packet headers have two of for each part
// of a band: over the leaves layers of a quarter as many nodes each, up to a single root. For one
// thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace iip {

template <class Node>
class J2kTagNodes {
 public:
  J2kTagNodes() = default;
  J2kTagNodes(std::int64_t width, std::int64_t height) {
    std::size_t count = 0;
    while (width > 0 && height > 0) {
      layers_.push_back({count, width});
      count += static_cast<std::size_t>(width * height);
      if (width == 1 && height == 1) break;
      width = (width + 1) / 2;
      height = (height + 1) / 2;
    }
    nodes_.resize(count);
  }

  std::size_t layers() const { return layers_.size(); }
  // The node above, or that is, the leaf at (x, y). Layer 0 is that of the leaves.
  Node& at(std::size_t layer, std::int64_t x, std::int64_t y) {
    const auto column = static_cast<std::size_t>(x >> layer);
    const auto row = static_cast<std::size_t>(y >> layer);
    return nodes_[layers_[layer].first + row * static_cast<std::size_t>(layers_[layer].width) +
                  column];
  }

 private:
  struct Layer {
    std::size_t first = 0;
    std::int64_t width = 0;
  };
  std::vector<Node> nodes_;
  std::vector<Layer> layers_;
};

}  // namespace iip
