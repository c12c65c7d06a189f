#include "engine/source/j2k_block_decoder.h"

#include <algorithm>
#include <cstring>

#include "engine/source/j2k_header.h"

namespace iip {

namespace {

// A word of flags is for four rows of a column. Its lowest 18 bits tell which of the 3 x 6 samples
// in and around them are significant, row by row: so that those around row `r` are the nine from
// bit 3r on, its own in their middle.
constexpr std::uint32_t kAllSignificant = (1U << 18) - 1;
constexpr std::uint32_t kAround = 0x1EF;
constexpr std::uint32_t kOwn = 0x10;
constexpr std::uint32_t kOwnOfAll = kOwn | kOwn << 3 | kOwn << 6 | kOwn << 9;
// Visited in this bit plane; refined before; negative (from the row above to the row below).
constexpr std::uint32_t visited(int row) { return 1U << (18 + 3 * row); }
constexpr int kVisitedFromOwn = 14;
constexpr std::uint32_t kAllVisited = kOwnOfAll << kVisitedFromOwn;
constexpr std::uint32_t refined(int row) { return 1U << (19 + 3 * row); }
constexpr int sign_bit(int row) { return row < 3 ? 23 + 3 * row : 27 + row; }

constexpr std::uint32_t kNegative = 1U << 31;

// Table D.1 from the nine bits around a sample.
constexpr std::uint8_t zero_context(int band, unsigned around) {
  const auto is_set = [around](int bit) { return static_cast<int>(around >> bit & 1U); };
  int h = is_set(3) + is_set(5);
  int v = is_set(1) + is_set(7);
  const int d = is_set(0) + is_set(2) + is_set(6) + is_set(8);
  if (band == 3) {
    const int hv = std::min(h + v, 2);
    if (d >= 3) return 8;
    if (d == 2) return hv > 0 ? 7 : 6;
    return static_cast<std::uint8_t>(d == 1 ? 3 + hv : hv);
  }
  if (band == 1) std::swap(h, v);
  if (h == 2) return 8;
  if (h == 1) return v > 0 ? 7 : d > 0 ? 6 : 5;
  if (v > 0) return static_cast<std::uint8_t>(2 + v);
  return static_cast<std::uint8_t>(std::min(d, 2));
}

// Tables D.2 and D.3. The index, two bits each for the samples above, left, right and below: is it
// significant, is it negative?
struct SignContext {
  std::uint8_t context;
  std::uint8_t flip;
};
constexpr SignContext sign_context(unsigned index) {
  const auto at = [index](int which) {
    if ((index >> (2 * which) & 1U) == 0) return 0;
    return (index >> (2 * which + 1) & 1U) != 0 ? -1 : 1;
  };
  int h = std::clamp(at(1) + at(2), -1, 1);
  int v = std::clamp(at(0) + at(3), -1, 1);
  const bool flip = h < 0 || (h == 0 && v < 0);
  if (flip) {
    h = -h;
    v = -v;
  }
  const int context = h == 0 ? 9 + v : 12 + v;
  return {static_cast<std::uint8_t>(context), static_cast<std::uint8_t>(flip ? 1 : 0)};
}

constexpr auto kZeroContexts = [] {
  std::array<std::array<std::uint8_t, 512>, 4> all{};
  for (int band = 0; band < 4; ++band) {
    for (unsigned around = 0; around < 512; ++around) {
      all[static_cast<std::size_t>(band)][around] = zero_context(band, around);
    }
  }
  return all;
}();

constexpr auto kSignContexts = [] {
  std::array<SignContext, 256> all{};
  for (unsigned index = 0; index < 256; ++index) all[index] = sign_context(index);
  return all;
}();

tl::unexpected<Error> damaged(const char* detail) {
  return fail(ErrorKind::corrupt, "The image file is damaged", std::string("JPEG 2000: ") + detail);
}

constexpr int kRows = 4;  // of a stripe

}  // namespace

void J2kBlockDecoder::reset_contexts() {
  constexpr std::size_t kZeroRow = 4;
  constexpr std::size_t kRunRow = 3;
  constexpr std::size_t kUniformRow = 46;
  contexts_.fill(kJ2kMqStates[0]);
  contexts_[0] = kJ2kMqStates[2 * kZeroRow];
  contexts_[kRun] = kJ2kMqStates[2 * kRunRow];
  contexts_[kUniform] = kJ2kMqStates[2 * kUniformRow];
}

void J2kBlockDecoder::start_segment(ByteSpan bytes, bool is_raw) {
  segment_.assign(bytes.begin(), bytes.end());
  segment_.insert(segment_.end(), 2, 0xFF);
  if (is_raw) {
    raw_.start(segment_.data());
  } else {
    mq_.start(segment_.data());
  }
}

// What the neighbours of a sample that is now significant must know.
template <bool kCausal>
[[gnu::always_inline]] inline void J2kBlockDecoder::set_significant(std::uint32_t* flags, int row,
                                                                    unsigned sign,
                                                                    std::uint32_t& own) const {
  const unsigned at = 3 * ((static_cast<unsigned>(row) & 3U) + 1);
  own |= 2U << at | sign << sign_bit(row);
  flags[-1] |= 4U << at;
  flags[1] |= 1U << at;
  if (row == 0 && !kCausal) {
    std::uint32_t* above = flags - stride_;
    above[-1] |= 4U << 15;
    above[0] |= 2U << 15 | sign << sign_bit(kRows);
    above[1] |= 1U << 15;
  }
  if (row == kRows - 1) {
    std::uint32_t* below = flags + stride_;
    below[-1] |= 4U;
    below[0] |= 2U | sign << sign_bit(-1);
    below[1] |= 1U;
  }
}

[[gnu::always_inline]] inline unsigned J2kBlockDecoder::sign_index(const std::uint32_t* flags,
                                                                   int row,
                                                                   std::uint32_t own) const {
  constexpr std::uint32_t kCross = 0xAA;  // of the samples around, those that share an edge
  return (own >> (3 * row) & kCross) >> 1 | (own >> sign_bit(row - 1) & 1U) << 1 |
         (flags[-1] >> sign_bit(row) & 1U) << 3 | (flags[1] >> sign_bit(row) & 1U) << 5 |
         (own >> sign_bit(row + 1) & 1U) << 7;
}

template <bool kCausal, bool kRaw>
void J2kBlockDecoder::significance_pass(std::int32_t value) {
  const auto& zero_contexts = kZeroContexts[static_cast<std::size_t>(shape_.band)];
  const std::ptrdiff_t width = shape_.width;
  J2kMqContext* const contexts = contexts_.data();
  J2kMqDecoder mq = mq_;  // in registers
  for (int top = 0; top < shape_.height; top += kRows) {
    const int rows = std::min(kRows, shape_.height - top);
    std::uint32_t* flags = flags_.data() + (top / kRows + 1) * stride_ + 1;
    std::int32_t* values = values_.data() + top * width;
    for (std::ptrdiff_t x = 0; x < width; ++x, ++flags, ++values) {
      std::uint32_t own = *flags;
      if ((own & kAllSignificant) == 0 || (own & kOwnOfAll) == kOwnOfAll) continue;
      const auto visit = [&](int row) __attribute__((always_inline)) {
        const std::uint32_t around = own >> (3 * row);
        if ((around & kAround) == 0 || (around & kOwn) != 0) return;
        own |= visited(row);
        unsigned sign = 0;
        if constexpr (kRaw) {
          if (raw_.bit() == 0) return;
          sign = raw_.bit();
        } else {
          if (mq.decode(contexts[zero_contexts[around & kAround]]) == 0) return;
          const SignContext& context = kSignContexts[sign_index(flags, row, own)];
          sign = mq.decode(contexts[context.context]) ^ context.flip;
        }
        values[row * width] = static_cast<std::int32_t>(static_cast<std::uint32_t>(value) |
                                                        (sign != 0 ? kNegative : 0));
        set_significant<kCausal>(flags, row, sign, own);
      };
      visit(0);
      if (rows > 1) visit(1);
      if (rows > 2) visit(2);
      if (rows > 3) visit(3);
      *flags = own;
    }
  }
  mq_ = mq;
}

template <bool kRaw>
void J2kBlockDecoder::refinement_pass(std::int32_t half) {
  const std::ptrdiff_t width = shape_.width;
  J2kMqContext* const contexts = contexts_.data();
  J2kMqDecoder mq = mq_;  // in registers
  for (int top = 0; top < shape_.height; top += kRows) {
    std::uint32_t* flags = flags_.data() + (top / kRows + 1) * stride_ + 1;
    std::int32_t* values = values_.data() + top * width;
    for (std::ptrdiff_t x = 0; x < width; ++x, ++flags, ++values) {
      std::uint32_t own = *flags;
      if ((own & ~(own >> kVisitedFromOwn) & kOwnOfAll) == 0) continue;
      const auto visit = [&](int row) __attribute__((always_inline)) {
        const std::uint32_t around = own >> (3 * row);
        if ((around & kOwn) == 0 || (own & visited(row)) != 0) return;
        unsigned bit = 0;
        if constexpr (kRaw) {
          bit = raw_.bit();
        } else {
          const int context = (own & refined(row)) != 0 ? kFirstMagnitude + 2
                              : (around & kAround) != 0 ? kFirstMagnitude + 1
                                                        : kFirstMagnitude;
          bit = mq.decode(contexts[context]);
        }
        values[row * width] += bit != 0 ? half : -half;
        own |= refined(row);
      };
      // Rows behind the last are never significant.
      visit(0);
      visit(1);
      visit(2);
      visit(3);
      *flags = own;
    }
  }
  mq_ = mq;
}

template <bool kCausal>
void J2kBlockDecoder::cleanup_pass(std::int32_t value) {
  const auto& zero_contexts = kZeroContexts[static_cast<std::size_t>(shape_.band)];
  const std::ptrdiff_t width = shape_.width;
  J2kMqContext* const contexts = contexts_.data();
  J2kMqDecoder mq = mq_;  // in registers
  for (int top = 0; top < shape_.height; top += kRows) {
    const int rows = std::min(kRows, shape_.height - top);
    std::uint32_t* flags = flags_.data() + (top / kRows + 1) * stride_ + 1;
    std::int32_t* values = values_.data() + top * width;
    for (std::ptrdiff_t x = 0; x < width; ++x, ++flags, ++values) {
      std::uint32_t own = *flags;
      if (((own | own >> kVisitedFromOwn) & kOwnOfAll) == kOwnOfAll) {
        *flags = own & ~kAllVisited;
        continue;
      }
      const auto read_sign = [&](int row) __attribute__((always_inline)) {
        const SignContext& context = kSignContexts[sign_index(flags, row, own)];
        const unsigned sign = mq.decode(contexts[context.context]) ^ context.flip;
        values[row * width] = static_cast<std::int32_t>(static_cast<std::uint32_t>(value) |
                                                        (sign != 0 ? kNegative : 0));
        set_significant<kCausal>(flags, row, sign, own);
      };
      const auto visit = [&](int row) __attribute__((always_inline)) {
        const std::uint32_t around = own >> (3 * row);
        if ((around & kOwn) != 0 || (own & visited(row)) != 0) return;
        if (mq.decode(contexts[zero_contexts[around & kAround]]) != 0) read_sign(row);
      };
      int first = 0;
      if ((own & (kAllSignificant | kAllVisited)) == 0 && rows == kRows) {
        if (mq.decode(contexts[kRun]) == 0) continue;
        first = static_cast<int>(mq.decode(contexts[kUniform])) << 1;
        first |= static_cast<int>(mq.decode(contexts[kUniform]));
        read_sign(first++);
      }
      if (first < 1) visit(0);
      if (first < 2 && rows > 1) visit(1);
      if (first < 3 && rows > 2) visit(2);
      if (first < 4 && rows > 3) visit(3);
      *flags = own & ~kAllVisited;
    }
  }
  mq_ = mq;
}

Status J2kBlockDecoder::check_segment_symbol() {
  constexpr unsigned kSymbol = 0xA;
  unsigned symbol = 0;
  for (int i = 0; i < 4; ++i) symbol = symbol << 1 | mq_.decode(contexts_[kUniform]);
  if (symbol != kSymbol) return damaged("a code-block without its segmentation symbol");
  return {};
}

// `plane`: 1 is the lowest. Passes: the first is a cleanup, then three for each plane.
Status J2kBlockDecoder::decode_pass(int pass, int plane, bool is_raw) {
  const std::int32_t one = std::int32_t{1} << plane;
  const bool is_causal = (shape_.style & J2kComponentCoding::kVerticallyCausal) != 0;
  const std::int32_t value = one | one >> 1;
  switch (pass % 3) {
    case 1:
      if (is_raw) {
        is_causal ? significance_pass<true, true>(value) : significance_pass<false, true>(value);
      } else {
        is_causal ? significance_pass<true, false>(value) : significance_pass<false, false>(value);
      }
      return {};
    case 2:
      is_raw ? refinement_pass<true>(one >> 1) : refinement_pass<false>(one >> 1);
      return {};
    default:
      is_causal ? cleanup_pass<true>(value) : cleanup_pass<false>(value);
      if ((shape_.style & J2kComponentCoding::kSegmentSymbols) != 0) return check_segment_symbol();
      return {};
  }
}

Result<std::span<const std::int32_t>> J2kBlockDecoder::decode(const J2kBlockShape& shape,
                                                              const J2kBlockData& data,
                                                              ByteSpan bytes) {
  constexpr int kMostPlanes = 30;
  constexpr int kFirstLazyPass = 10;
  shape_ = shape;
  stride_ = shape.width + 2;
  flags_.assign(static_cast<std::size_t>(stride_ * (ceil_div(shape.height, kRows) + 2)), 0);
  values_.assign(static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.height), 0);
  reset_contexts();
  int plane = shape.planes - data.zero_planes;
  if (plane > kMostPlanes) return damaged("a code-block of too many bit planes");
  int pass = 0;
  for (const J2kBlockData::Segment& segment : data.segments) {
    const auto length = static_cast<std::size_t>(segment.length);
    if (length > bytes.size()) return damaged("a code-block that is cut short");
    const auto is_raw = [&] {
      return (shape.style & J2kComponentCoding::kBypass) != 0 && pass >= kFirstLazyPass &&
             pass % 3 != 0;
    };
    start_segment(bytes.first(length), is_raw());
    bytes = bytes.subspan(length);
    for (int i = 0; i < segment.passes && plane >= 1; ++i, ++pass) {
      Status status = decode_pass(pass, plane, is_raw());
      if (!status) return pass_on(status);
      if ((shape.style & J2kComponentCoding::kResetContexts) != 0) reset_contexts();
      if (pass % 3 == 0) --plane;
    }
  }
  finish();
  return std::span<const std::int32_t>(values_);
}

// From sign and magnitude to numbers, and a region of interest back among the others.
void J2kBlockDecoder::finish() {
  const int shift = shape_.region_shift;
  for (std::int32_t& value : values_) {
    const auto bits = static_cast<std::uint32_t>(value);
    auto magnitude = static_cast<std::int32_t>(bits & ~kNegative);
    if (shift != 0 && magnitude >> shift != 0) magnitude >>= shift;
    value = (bits & kNegative) != 0 ? -magnitude : magnitude;
  }
}

}  // namespace iip
