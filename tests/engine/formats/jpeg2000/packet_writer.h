// Writes packets (ISO/IEC 15444-1 B.9 and B.10): what code-blocks bring is given, and headers and
// bodies come out.
#pragma once

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "block_encoder.h"
#include "codestream_writer.h"
#include "tag_tree_encoder.h"

namespace iip::test {

// What one packet brings of a code-block: passes, and the bytes of each run of them that a segment
// has there.
struct Contribution {
  int passes = 0;
  std::vector<std::uint32_t> lengths;

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const std::uint32_t length : lengths) sum += length;
    return sum;
  }
};

struct PacketBlock {
  int zero_planes = 0;
  std::vector<Contribution> layers;

  // The first layer with passes; the number of layers where there are none.
  int first_layer() const {
    const auto first = std::find_if(layers.begin(), layers.end(),
                                    [](const Contribution& of) { return of.passes != 0; });
    return static_cast<int>(first - layers.begin());
  }
};

// How many of the `count` passes behind the first `before` belong to one segment, for each segment.
inline std::vector<int> runs_of(int style, int before, int count) {
  std::vector<int> runs;
  for (int pass = before; pass < before + count; ++pass) {
    if (pass == before || ends_segment(style, pass - 1)) runs.push_back(0);
    ++runs.back();
  }
  return runs;
}

// The code-blocks of a band in one precinct.
class PacketBand {
 public:
  PacketBand(int width, int height, int style, std::vector<PacketBlock> blocks)
      : width_(width),
        height_(height),
        style_(style),
        blocks_(std::move(blocks)),
        states_(blocks_.size()),
        inclusion_(tree([](const PacketBlock& block) { return block.first_layer(); })),
        zero_planes_(tree([](const PacketBlock& block) { return block.zero_planes; })) {}

  bool has_content(int layer) const {
    return std::any_of(blocks_.begin(), blocks_.end(), [layer](const PacketBlock& block) {
      return block.layers[static_cast<std::size_t>(layer)].passes != 0;
    });
  }

  // `spare`: how many bits of length more than are needed.
  std::string header(int layer, int spare) {
    std::string bits;
    std::size_t at = 0;
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x, ++at) {
        const PacketBlock& block = blocks_[at];
        const Contribution& brought = block.layers[static_cast<std::size_t>(layer)];
        State& state = states_[at];
        if (state.passes != 0) {
          bits += brought.passes != 0 ? '1' : '0';
        } else {
          bits += inclusion_.tell(x, y, layer + 1);
          if (brought.passes != 0) bits += zero_planes_.tell(x, y, block.zero_planes + 1);
        }
        if (brought.passes != 0) bits += passes_and_lengths(brought, state, spare);
      }
    }
    return bits;
  }

  const std::vector<PacketBlock>& blocks() const { return blocks_; }
  int width() const { return width_; }

  // Table B.4.
  static std::string pass_count(int passes) {
    if (passes <= 2) return passes == 1 ? "0" : "10";
    if (passes <= 5) return "11" + binary(passes - 3, 2);
    if (passes <= 36) return "1111" + binary(passes - 6, 5);
    return "111111111" + binary(passes - 37, 7);
  }

 private:
  struct State {
    int passes = 0;
    int length_bits = 3;  // Lblock
  };

  static std::string binary(std::int64_t value, int width) {
    std::string bits;
    for (int i = width; i-- > 0;) bits += (value >> i & 1) != 0 ? '1' : '0';
    return bits;
  }

  template <class Value>
  TagTreeEncoder tree(const Value& value) const {
    std::vector<int> values;
    for (const PacketBlock& block : blocks_) values.push_back(value(block));
    return {width_, height_, values};
  }

  std::string passes_and_lengths(const Contribution& brought, State& state, int spare) const {
    const std::vector<int> runs = runs_of(style_, state.passes, brought.passes);
    const auto more_bits = [&runs](std::size_t i) {
      int log = 0;
      while (2 << log <= runs[i]) ++log;
      return log;
    };
    std::string bits = pass_count(brought.passes);
    int needed = state.length_bits + spare;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      needed =
          std::max(needed, static_cast<int>(std::bit_width(brought.lengths[i])) - more_bits(i));
    }
    bits += std::string(static_cast<std::size_t>(needed - state.length_bits), '1') + '0';
    for (std::size_t i = 0; i < runs.size(); ++i) {
      bits += binary(brought.lengths[i], needed + more_bits(i));
    }
    state.length_bits = needed;
    state.passes += brought.passes;
    return bits;
  }

  int width_;
  int height_;
  int style_;
  std::vector<PacketBlock> blocks_;
  std::vector<State> states_;
  TagTreeEncoder inclusion_;
  TagTreeEncoder zero_planes_;
};

}  // namespace iip::test
