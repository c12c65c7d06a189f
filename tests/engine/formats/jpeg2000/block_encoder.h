// Encodes code-blocks as ISO/IEC 15444-1 annex D says it, sample by sample and with its tables as
// they are printed: slow, and nothing like the engine's decoder.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "codestream_writer.h"
#include "mq_encoder.h"

namespace iip::test {

// Table A.19.
enum BlockStyle : int {
  kLazy = 1,
  kReset = 2,
  kTerminateEach = 4,
  kCausal = 8,
  kPredictable = 16,  // which is about how segments end, and nothing to a decoder
  kSymbols = 32,
};

// Does a segment end with this pass, whatever follows? Passes are counted from 0: a cleanup, and
// then three for each bit plane. The first ten are one segment where others go without coding.
inline bool ends_segment(int style, int pass) {
  if ((style & kTerminateEach) != 0) return true;
  return (style & kLazy) != 0 && pass >= 9 && pass % 3 != 1;
}

struct EncodedBlock {
  struct Segment {
    int passes = 0;
    Data bytes;
  };
  int planes = 0;
  int passes = 0;
  std::vector<Segment> segments;
  // What is known of the coefficients after so many passes: doubled, and of what is not known yet
  // the half.
  std::vector<std::vector<std::int32_t>> known;

  Data bytes() const {
    Data all;
    for (const Segment& segment : segments) put(all, segment.bytes);
    return all;
  }
};

class BlockEncoder {
 public:
  struct Shape {
    int width = 1;
    int height = 1;
    int band = 0;  // 0 to 3: LL, HL, LH, HH
    int style = 0;
    unsigned symbol = 0xA;  // of segmentation
  };

  static EncodedBlock encode(const Shape& shape, const std::vector<std::int32_t>& values) {
    BlockEncoder encoder(shape, values);
    encoder.run();
    return std::move(encoder.out_);
  }

 private:
  struct Sample {
    std::uint32_t magnitude = 0;
    bool is_negative = false;
    bool is_significant = false;
    bool is_visited = false;  // by the significance pass of this plane
    bool is_refined = false;
    int plane = 0;  // the last of which a bit was coded; the lowest is 0
  };
  struct Neighbours {
    int h = 0;
    int v = 0;
    int d = 0;
    int all() const { return h + v + d; }
  };

  BlockEncoder(const Shape& shape, const std::vector<std::int32_t>& values) : shape_(shape) {
    std::uint32_t most = 0;
    for (const std::int32_t value : values) {
      const auto magnitude = static_cast<std::uint32_t>(std::abs(value));
      samples_.push_back({magnitude, value < 0, false, false, false, 0});
      most = std::max(most, magnitude);
    }
    out_.planes = static_cast<int>(std::bit_width(most));
    reset();
  }

  void run() {
    note();
    const int passes = std::max(0, 3 * out_.planes - 2);
    plane_ = out_.planes - 1;
    for (int pass = 0; pass < passes; ++pass) {
      if (out_.segments.empty() || ends_segment(shape_.style, pass - 1)) {
        out_.segments.emplace_back();
        is_raw_ = (shape_.style & kLazy) != 0 && pass > 9 && pass % 3 != 0;
      }
      code(pass);
      ++out_.passes;
      ++out_.segments.back().passes;
      if (pass + 1 == passes || ends_segment(shape_.style, pass)) {
        out_.segments.back().bytes = is_raw_ ? raw_end() : mq_.flush();
      }
      if ((shape_.style & kReset) != 0) reset();
      if (pass % 3 == 0) --plane_;
      note();
    }
  }

  void code(int pass) {
    for (int top = 0; top < shape_.height; top += 4) {
      const int bottom = std::min(top + 4, shape_.height);
      for (int x = 0; x < shape_.width; ++x) {
        if (pass % 3 == 0) {
          clean_up(x, top, bottom);
          continue;
        }
        for (int y = top; y < bottom; ++y) pass % 3 == 1 ? propagate(x, y) : refine(x, y);
      }
    }
    if (pass % 3 != 0) return;
    for (Sample& sample : samples_) sample.is_visited = false;
    if ((shape_.style & kSymbols) == 0) return;
    for (unsigned bit = 4; bit-- > 0;) put_bit(kUniform, shape_.symbol >> bit & 1U);
  }

  void propagate(int x, int y) {
    Sample& sample = at(x, y);
    if (sample.is_significant || around(x, y).all() == 0) return;
    sample.is_visited = true;
    code_zero(x, y);
  }

  void refine(int x, int y) {
    Sample& sample = at(x, y);
    if (!sample.is_significant || sample.is_visited) return;
    const std::size_t first = around(x, y).all() == 0 ? 14 : 15;  // table D.4
    put_bit(sample.is_refined ? 16 : first, bit_of(sample));
    sample.is_refined = true;
    sample.plane = plane_;
  }

  void clean_up(int x, int top, int bottom) {
    int y = top;
    bool is_run = bottom - top == 4;
    for (int row = top; row < bottom; ++row) {
      is_run = is_run && is_left(at(x, row)) && around(x, row).all() == 0;
    }
    if (is_run) {
      unsigned zeros = 0;
      while (zeros < 4 && bit_of(at(x, top + static_cast<int>(zeros))) == 0) ++zeros;
      put_bit(kRun, zeros < 4 ? 1 : 0);
      if (zeros == 4) return;
      put_bit(kUniform, zeros >> 1U);
      put_bit(kUniform, zeros & 1U);
      y += static_cast<int>(zeros);
      become_significant(x, y++);
    }
    for (; y < bottom; ++y) {
      if (is_left(at(x, y))) code_zero(x, y);
    }
  }

  static bool is_left(const Sample& sample) { return !sample.is_significant && !sample.is_visited; }

  void code_zero(int x, int y) {
    const unsigned bit = bit_of(at(x, y));
    put_bit(zero_context(around(x, y)), bit);
    if (bit != 0) become_significant(x, y);
  }

  void become_significant(int x, int y) {
    Sample& sample = at(x, y);
    // Table D.3, by the contributions of table D.2: negative, none, positive.
    struct Row {
      std::size_t context;
      bool flips;
    };
    static constexpr Row kRows[3][3] = {{{13, true}, {12, true}, {11, true}},
                                        {{10, true}, {9, false}, {10, false}},
                                        {{11, false}, {12, false}, {13, false}}};
    const int h = std::clamp(sign(x - 1, y, y) + sign(x + 1, y, y), -1, 1);
    const int v = std::clamp(sign(x, y - 1, y) + sign(x, y + 1, y), -1, 1);
    const Row& row = kRows[h + 1][v + 1];
    // Without coding the sign itself is put.
    put_bit(row.context, sample.is_negative != (row.flips && !is_raw_) ? 1 : 0);
    sample.is_significant = true;
    sample.plane = plane_;
  }

  // Table D.1: the least and the most of each sum, and the context.
  std::size_t zero_context(const Neighbours& of) const {
    struct Row {
      int least_h, most_h, least_v, most_v, least_d, most_d;
    };
    static constexpr std::array<Row, 9> kOfLlAndLh{{{0, 0, 0, 0, 0, 0},
                                                    {0, 0, 0, 0, 1, 1},
                                                    {0, 0, 0, 0, 2, 4},
                                                    {0, 0, 1, 1, 0, 4},
                                                    {0, 0, 2, 2, 0, 4},
                                                    {1, 1, 0, 0, 0, 0},
                                                    {1, 1, 0, 0, 1, 4},
                                                    {1, 1, 1, 2, 0, 4},
                                                    {2, 2, 0, 2, 0, 4}}};
    // Of h and v together, and of d.
    static constexpr std::array<Row, 9> kOfHh{{{0, 0, 0, 0, 0, 0},
                                               {1, 1, 0, 0, 0, 0},
                                               {2, 4, 0, 0, 0, 0},
                                               {0, 0, 0, 0, 1, 1},
                                               {1, 1, 0, 0, 1, 1},
                                               {2, 4, 0, 0, 1, 1},
                                               {0, 0, 0, 0, 2, 2},
                                               {1, 4, 0, 0, 2, 2},
                                               {0, 4, 0, 0, 3, 4}}};
    Neighbours sums = of;
    if (shape_.band == 1) std::swap(sums.h, sums.v);
    if (shape_.band == 3) sums = {of.h + of.v, 0, of.d};
    const auto& rows = shape_.band == 3 ? kOfHh : kOfLlAndLh;
    const auto is_in = [](int sum, int least, int most) { return sum >= least && sum <= most; };
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
      return is_in(sums.h, row.least_h, row.most_h) && is_in(sums.v, row.least_v, row.most_v) &&
             is_in(sums.d, row.least_d, row.most_d);
    });
    return static_cast<std::size_t>(found - rows.begin());
  }

  // -1, 0 or 1. A vertically causal context knows nothing of the next stripe, `y` being its own
  // row.
  int sign(int at_x, int at_y, int y) const {
    if (at_x < 0 || at_y < 0 || at_x >= shape_.width || at_y >= shape_.height) return 0;
    if ((shape_.style & kCausal) != 0 && at_y / 4 > y / 4) return 0;
    const Sample& sample = samples_[place(at_x, at_y)];
    if (!sample.is_significant) return 0;
    return sample.is_negative ? -1 : 1;
  }

  Neighbours around(int x, int y) const {
    const auto is_set = [&](int dx, int dy) { return sign(x + dx, y + dy, y) != 0 ? 1 : 0; };
    return {is_set(-1, 0) + is_set(1, 0), is_set(0, -1) + is_set(0, 1),
            is_set(-1, -1) + is_set(1, -1) + is_set(-1, 1) + is_set(1, 1)};
  }

  std::size_t place(int x, int y) const {
    return static_cast<std::size_t>(std::int64_t{y} * shape_.width + x);
  }
  Sample& at(int x, int y) { return samples_[place(x, y)]; }
  unsigned bit_of(const Sample& sample) const { return sample.magnitude >> plane_ & 1U; }

  void put_bit(std::size_t context, unsigned bit) {
    if (is_raw_) {
      raw_ += bit != 0 ? '1' : '0';
    } else {
      mq_.encode(contexts_[context], bit);
    }
  }

  // As in packet headers a bit is stuffed behind a byte of ones, which is not to be the last.
  Data raw_end() {
    Data bytes = packet_header(raw_);
    while (!bytes.empty() && bytes.back() == 0xFF) bytes.pop_back();
    raw_.clear();
    return bytes;
  }

  void reset() {
    contexts_.fill({});
    contexts_[0].index = 4;
    contexts_[kRun].index = 3;
    contexts_[kUniform].index = 46;
  }

  void note() {
    std::vector<std::int32_t>& known = out_.known.emplace_back();
    for (const Sample& sample : samples_) {
      const auto doubled =
          static_cast<std::int32_t>((sample.magnitude >> sample.plane << 1U | 1U) << sample.plane);
      if (!sample.is_significant) {
        known.push_back(0);
      } else {
        known.push_back(sample.is_negative ? -doubled : doubled);
      }
    }
  }

  static constexpr std::size_t kRun = 17;
  static constexpr std::size_t kUniform = 18;

  const Shape shape_;
  std::vector<Sample> samples_;
  std::array<MqState, 19> contexts_;
  MqEncoder mq_;
  std::string raw_;
  bool is_raw_ = false;
  int plane_ = 0;
  EncodedBlock out_;
};

}  // namespace iip::test
