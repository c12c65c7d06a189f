#include "engine/formats/jpeg2000/decode/block_decoder.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>

#include "engine/formats/jpeg2000/codestream/errors.h"
#include "engine/formats/jpeg2000/codestream/header.h"
#include "engine/formats/jpeg2000/decode/vectors.h"

namespace iip {

namespace {

constexpr int kRows = 4;  // rows of a stripe
constexpr int kLastRow = 3;
constexpr int kColumns = 16;  // columns of a group
constexpr int kSamples = kRows * kColumns;

// Sets of the samples of a group, see Group.
constexpr std::uint64_t kFirstRows = 0x1111'1111'1111'1111;
constexpr std::uint64_t kColumn = 0xF;
constexpr std::uint64_t kLast = std::uint64_t{1} << (kSamples - 1);
// Around a sample in each row of a stripe, those that are coded after it, as bits from its own on.
constexpr std::array<std::uint64_t, kRows> kAhead{0x32, 0x3A, 0x3A, 0x18};

// Parts of Flags.
constexpr std::uint64_t kAllSignificant = (1U << 18) - 1;
constexpr std::uint64_t kAround = 0x1EF;
constexpr int kOwn = 4;
constexpr int kSigns = 32;

constexpr std::int32_t kSign = INT32_MIN;

std::int32_t with_sign(std::int32_t value, unsigned sign) {
  return sign != 0 ? value | kSign : value;
}

// How many passes of a code-block there are from this one to the end of the lowest plane. Each
// plane ends with a cleanup.
int passes_from(int plane, int pass) { return 3 * plane - (pass + 2) % 3; }

}  // namespace

void J2kBlockDecoder::reset_contexts() {
  constexpr std::size_t kZeroRow = 4;
  constexpr std::size_t kRunRow = 3;
  constexpr std::size_t kUniformRow = 46;
  contexts_.fill(j2k_mq_context(0, 0));
  contexts_[0] = j2k_mq_context(kZeroRow, 0);
  contexts_[kRun] = j2k_mq_context(kRunRow, 0);
  contexts_[kUniform] = j2k_mq_context(kUniformRow, 0);
}

void J2kBlockDecoder::start_segment(ByteSpan bytes, bool is_raw) {
  segment_.assign(bytes.begin(), bytes.end());
  segment_.insert(segment_.end(), J2kMqDecoder::kBytesBehind, 0xFF);
  if (is_raw) {
    raw_.start(segment_.data());
  } else {
    mq_.start(segment_.data());
  }
}

// What the neighbours of a sample that is now significant must know. Each of them is read again
// soon by itself, which takes long where a compiler has put two of the writes into one: so there is
// a fence, which is one for the compiler alone.
template <bool kCausal>
[[gnu::always_inline]] inline void J2kBlockDecoder::set_significant(const Cursor& cursor, int at,
                                                                    unsigned sign) const {
  const int row = at % kRows;
  const int shift = 3 * row;
  const Flags bits = Flags{sign} << kSigns | 1;
  Flags* const flags = cursor.flags + at / kRows;
  const auto tell = [bits](Flags * column, int bit) __attribute__((always_inline)) {
    *column |= bits << bit;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  };
  tell(flags - 1, kOwn + 1 + shift);
  tell(flags, kOwn + shift);
  tell(flags + 1, kOwn - 1 + shift);
  if (row == 0 && !kCausal) {
    Flags* const above = flags - flags_stride_;
    tell(above - 1, 17);
    tell(above, 16);
    tell(above + 1, 15);
  }
  if (row == kLastRow) {
    Flags* const below = flags + flags_stride_;
    tell(below - 1, 2);
    tell(below, 1);
    tell(below + 1, 0);
  }
}

[[gnu::always_inline]] inline J2kSignContext J2kBlockDecoder::sign_context(Flags around) {
  constexpr Flags kCross = 0xAA;  // the samples around that share an edge
  return kJ2kSignContexts[(around & kCross) | (around >> kSigns & kCross) >> 1];
}

[[gnu::always_inline]] inline unsigned J2kBlockDecoder::read_sign(J2kMqDecoder& mq,
                                                                  const J2kSignContext& context) {
  return mq.decode(contexts_[context.context]) ^ context.flip;
}

// The samples of a group that have significant ones above or below.
template <bool kCausal>
[[gnu::always_inline]] inline std::uint64_t J2kBlockDecoder::beside(const Group* group) const {
  const std::uint64_t own = group->significant;
  const std::uint64_t above = group[-group_stride_].significant;
  const std::uint64_t below = kCausal ? 0 : group[group_stride_].significant;
  return (own << 1 & ~kFirstRows) | (own >> 1 & ~(kFirstRows << kLastRow)) |
         (above >> kLastRow & kFirstRows) | (below & kFirstRows) << kLastRow;
}

// The samples of a group that have a significant one anywhere around them.
template <bool kCausal>
[[gnu::always_inline]] inline std::uint64_t J2kBlockDecoder::around(const Group* group) const {
  const auto column = [this](const Group* of) __attribute__((always_inline)) {
    return beside<kCausal>(of) | of->significant;
  };
  const std::uint64_t columns = column(group);
  return beside<kCausal>(group) | columns << kRows | columns >> kRows |
         column(group - 1) >> (kSamples - kRows) | column(group + 1) << (kSamples - kRows);
}

template <class Work>
[[gnu::always_inline]] inline void J2kBlockDecoder::for_each_group(const Work& work) {
  std::int32_t* values = values_.data();
  for (int stripe = 0; stripe * kRows < shape_.height; ++stripe) {
    Group* group = groups_.data() + (stripe + 1) * group_stride_ + 1;
    Flags* flags = flags_.data() + (stripe + 1) * flags_stride_ + 1;
    for (std::ptrdiff_t i = 0; i < across_; ++i) {
      work(Cursor{group, flags, values});
      ++group;
      flags += kColumns;
      values += kSamples;
    }
  }
}

template <bool kCausal, bool kRaw>
void J2kBlockDecoder::significance_pass(std::int32_t value) {
  const auto& zero_contexts = kJ2kZeroContexts[static_cast<std::size_t>(shape_.band)];
  J2kMqContext* const contexts = contexts_.data();
  J2kMqDecoder mq = mq_;  // in registers
  for_each_group([&](const Cursor& cursor) __attribute__((always_inline)) {
    Group& group = *cursor.group;
    std::uint64_t significant = group.significant;
    std::uint64_t open = around<kCausal>(&group) & ~significant & group.inside;
    if (open == 0) return;
    std::uint64_t visited = 0;
    // Finds the next sample that is to be coded; the last one of the group where none is left.
    const auto find = [&]() __attribute__((always_inline)) {
      const int at = std::countr_zero(open | kLast);
      const Flags flags = cursor.flags[at / kRows] >> (3 * (at % kRows));
      return Candidate{at, flags, &contexts[zero_contexts[flags & kAround]]};
    };
    Candidate next = find();
    do {
      const Candidate now = next;
      open &= open - 1;
      visited |= std::uint64_t{1} << now.at;
      // Bits can not be foretold: what is needed after either is looked up before. The next one, as
      // it is unless this becomes significant, and the context of the sign.
      next = find();
      unsigned sign = 0;
      if constexpr (kRaw) {
        if (raw_.bit() == 0) continue;
        sign = raw_.bit();
      } else {
        const J2kSignContext of_sign = sign_context(now.flags);
        if (mq.decode(*now.context) == 0) continue;
        sign = read_sign(mq, of_sign);
      }
      significant |= std::uint64_t{1} << now.at;
      const std::uint64_t ahead = kAhead[static_cast<std::size_t>(now.at % kRows)] << now.at;
      open |= ahead & ~significant & group.inside;
      cursor.values[now.at] = with_sign(value, sign);
      set_significant<kCausal>(cursor, now.at, sign);
      next = find();
    } while (open != 0);
    group.significant = significant;
    group.visited = visited;
  });
  mq_ = mq;
}

template <bool kCausal, bool kRaw>
void J2kBlockDecoder::refinement_pass(std::int32_t half) {
  J2kMqContext* const contexts = contexts_.data() + kFirstMagnitude;
  J2kMqDecoder mq = mq_;  // in registers
  for_each_group([&](const Cursor& cursor) __attribute__((always_inline)) {
    Group& group = *cursor.group;
    std::uint64_t open = group.significant & ~group.visited;
    if (open == 0) return;
    const std::uint64_t again = group.refined;
    const std::uint64_t near = around<kCausal>(&group) & ~again;
    group.refined |= open;
    do {
      const int at = std::countr_zero(open);
      open &= open - 1;
      unsigned bit = 0;
      if constexpr (kRaw) {
        bit = raw_.bit();
      } else {
        bit = mq.decode(contexts[(again >> at & 1) * 2 + (near >> at & 1)]);
      }
      cursor.values[at] += bit != 0 ? half : -half;
    } while (open != 0);
  });
  mq_ = mq;
}

template <bool kCausal>
void J2kBlockDecoder::cleanup_pass(std::int32_t value) {
  const auto& zero_contexts = kJ2kZeroContexts[static_cast<std::size_t>(shape_.band)];
  J2kMqContext* const contexts = contexts_.data();
  J2kMqDecoder mq = mq_;  // in registers
  for_each_group([&](const Cursor& cursor) __attribute__((always_inline)) {
    Group& group = *cursor.group;
    std::uint64_t open = ~(group.significant | group.visited) & group.inside;
    group.visited = 0;
    const auto set = [&](int at, Flags around) __attribute__((always_inline)) {
      const unsigned sign = read_sign(mq, sign_context(around));
      group.significant |= std::uint64_t{1} << at;
      cursor.values[at] = with_sign(value, sign);
      set_significant<kCausal>(cursor, at, sign);
    };
    // Most groups are empty at first: their columns are passed over as fast as can be.
    bool is_run_over = false;
    if (~open == 0 && around<kCausal>(&group) == 0) {
      int column = 0;
      while (column < kColumns && mq.decode_expected(contexts[kRun]) == 0) ++column;
      if (column == kColumns) return;
      open <<= kRows * column;
      is_run_over = true;
    }
    while (open != 0) {
      int at = std::countr_zero(open);
      const Flags flags = cursor.flags[at / kRows];
      if ((flags & kAllSignificant) == 0 && (open >> at & kColumn) == kColumn && at % kRows == 0) {
        open &= ~(kColumn << at);
        if (!is_run_over && mq.decode_expected(contexts[kRun]) == 0) continue;
        is_run_over = false;
        unsigned row = mq.decode(contexts[kUniform]) << 1;
        row |= mq.decode(contexts[kUniform]);
        open |= (kColumn << row & kColumn & ~(std::uint64_t{1} << row)) << at;
        at += static_cast<int>(row);
        set(at, flags);
        continue;
      }
      open &= open - 1;
      const Flags around = flags >> (3 * (at % kRows));
      if (mq.decode_expected(contexts[zero_contexts[around & kAround]]) != 0) set(at, around);
    }
  });
  mq_ = mq;
}

Status J2kBlockDecoder::check_segment_symbol() {
  constexpr unsigned kSymbol = 0xA;
  unsigned symbol = 0;
  for (int i = 0; i < 4; ++i) symbol = symbol << 1 | mq_.decode(contexts_[kUniform]);
  if (symbol != kSymbol) return damaged_codestream("a code-block without its segmentation symbol");
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
      if (is_raw) {
        is_causal ? refinement_pass<true, true>(one >> 1) : refinement_pass<false, true>(one >> 1);
      } else {
        is_causal ? refinement_pass<true, false>(one >> 1)
                  : refinement_pass<false, false>(one >> 1);
      }
      return {};
    default:
      is_causal ? cleanup_pass<true>(value) : cleanup_pass<false>(value);
      if ((shape_.style & J2kComponentCoding::kSegmentSymbols) != 0) return check_segment_symbol();
      return {};
  }
}

void J2kBlockDecoder::start_block() {
  const int stripes = static_cast<int>(ceil_div(shape_.height, kRows));
  across_ = ceil_div(shape_.width, kColumns);
  group_stride_ = across_ + 2;
  flags_stride_ = across_ * kColumns + 2;
  flags_.assign(static_cast<std::size_t>(flags_stride_ * (stripes + 2)), 0);
  groups_.assign(static_cast<std::size_t>(group_stride_ * (stripes + 2)), {});
  values_.assign(static_cast<std::size_t>(across_ * kSamples * stripes), 0);
  // The last stripe and the last group of each may reach beyond the code-block.
  const int columns = shape_.width - static_cast<int>(across_ - 1) * kColumns;
  const int rows = shape_.height - (stripes - 1) * kRows;
  for (int stripe = 0; stripe < stripes; ++stripe) {
    Group* const groups = groups_.data() + (stripe + 1) * group_stride_ + 1;
    const std::uint64_t column = stripe + 1 < stripes ? kColumn : kColumn >> (kRows - rows);
    for (std::ptrdiff_t i = 0; i < across_; ++i) groups[i].inside = column * kFirstRows;
    groups[across_ - 1].inside &= ~std::uint64_t{0} >> (kSamples - kRows * columns);
  }
}

bool J2kBlockDecoder::fits_16_bits(const J2kBlockShape& shape, const J2kBlockData& data) {
  constexpr int kPlanes = 14;  // a sign, and the bit of the half
  return shape.planes - data.zero_planes <= kPlanes;
}

Status J2kBlockDecoder::decode(const J2kBlockShape& shape, const J2kBlockData& data,
                               ByteSpan bytes) {
  constexpr int kMostPlanes = 30;
  constexpr int kFirstLazyPass = 10;
  shape_ = shape;
  start_block();
  reset_contexts();
  int plane = shape.planes - data.zero_planes;
  if (plane > kMostPlanes) return damaged_codestream("a code-block of too many bit planes");
  int pass = 0;
  for (const J2kBlockData::Segment& segment : data.segments) {
    const auto length = static_cast<std::size_t>(segment.length);
    if (length > bytes.size()) return damaged_codestream("a code-block that is cut short");
    const auto is_raw = [&] {
      return (shape.style & J2kComponentCoding::kBypass) != 0 && pass >= kFirstLazyPass &&
             pass % 3 != 0;
    };
    if (passes_from(plane, pass) <= shape.passes_left_out) break;
    start_segment(bytes.first(length), is_raw());
    bytes = bytes.subspan(length);
    for (int i = 0; i < segment.passes && passes_from(plane, pass) > shape.passes_left_out;
         ++i, ++pass) {
      Status status = decode_pass(pass, plane, is_raw());
      if (!status) return status;
      if ((shape.style & J2kComponentCoding::kResetContexts) != 0) reset_contexts();
      if (pass % 3 == 0) --plane;
    }
  }
  if (shape.region_shift != 0) shift_back();
  return {};
}

// The magnitudes of a region of interest, which lie above the lowest `shift` planes, back among the
// others, which these planes and the bit of the half are of.
void J2kBlockDecoder::shift_back() {
  constexpr int kMagnitudeBits = 31;
  const int shift = shape_.region_shift;
  if (shift >= kMagnitudeBits) return;  // none has so many
  for (std::int32_t& value : values_) {
    const std::int32_t magnitude = value & ~kSign;
    if (magnitude >> shift > 1) value = (value & kSign) | magnitude >> shift;
  }
}

template <class T>
void J2kBlockDecoder::copy(T* out) const {
  using Column = J2kVector<std::int32_t>;
  constexpr std::ptrdiff_t kSquare = std::ptrdiff_t{kRows} * kRows;
  // From sign and magnitude.
  const auto number = [](const auto& value) {
    const auto negative = value >> 31;
    return ((value & ~kSign) ^ negative) - negative;
  };
  const std::ptrdiff_t width = shape_.width;
  for (int y = 0; y < shape_.height; y += kRows) {
    T* const to = out + y * width;
    const std::int32_t* from = values_.data() + y / kRows * across_ * kSamples;
    const int rows = std::min(kRows, shape_.height - y);
    std::ptrdiff_t x = 0;
    for (; rows == kRows && x + kRows <= width; x += kRows, from += kSquare) {
      const auto column = [&](std::ptrdiff_t i) {
        return number(j2k_load<Column>(from + i * kRows));
      };
      const auto of_rows = j2k_transposed(column(0), column(1), column(2), column(3));
      j2k_store_as(of_rows[0], to + x);
      j2k_store_as(of_rows[1], to + width + x);
      j2k_store_as(of_rows[2], to + 2 * width + x);
      j2k_store_as(of_rows[3], to + 3 * width + x);
    }
    for (; x < width; ++x, from += kRows) {
      for (int row = 0; row < rows; ++row) to[row * width + x] = static_cast<T>(number(from[row]));
    }
  }
}

template void J2kBlockDecoder::copy(std::int16_t* out) const;
template void J2kBlockDecoder::copy(std::int32_t* out) const;

}  // namespace iip
