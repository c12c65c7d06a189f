// Decodes code-blocks of JPEG 2000 (ISO/IEC 15444-1 annex D), those of HTJ2K left out.
//
// OpenJPEG's interface gives whole pictures and never a code-block, which is what has to be kept so
// that the neighbours of a tile need not decode it again. A decoder works in buffers of its own,
// which the next block takes over: one decoder a thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg2000/decode/contexts.h"
#include "engine/formats/jpeg2000/decode/mq_decoder.h"
#include "engine/formats/jpeg2000/index/packet_table.h"

namespace iip {

struct J2kBlockShape {
  int width = 0;
  int height = 0;
  int band = 0;    // 0 to 3: LL, HL, LH, HH
  int style = 0;   // J2kComponentCoding::Style, without kHighThroughput
  int planes = 0;  // bit planes of the band: M_b of the standard, and what RGN shifts by
  int region_shift = 0;
  int passes_left_out = 0;  // how many of the last coded ones are not decoded
};

class J2kBlockDecoder {
 public:
  // `bytes` are those of data.pieces, one after the other. Errors: corrupt.
  Status decode(const J2kBlockShape& shape, const J2kBlockData& data, ByteSpan bytes);
  // Can no number of such a code-block need more than 16 bits?
  static bool fits_16_bits(const J2kBlockShape& shape, const J2kBlockData& data);
  // Gives the width * height coefficients of what was decoded last, row by row, doubled: the lowest
  // bit is the half by which what was not coded is guessed. T is std::int16_t, where they fit, or
  // std::int32_t.
  template <class T>
  void copy(T* out) const;

 private:
  enum Context { kFirstSign = 9, kFirstMagnitude = 14, kRun = 17, kUniform = 18, kContexts = 19 };

  // Sets of the 64 samples that 16 columns of a stripe have, in the order in which they are coded:
  // bit 4 * column + row.
  struct Group {
    std::uint64_t inside = 0;  // they lie within the code-block
    std::uint64_t significant = 0;
    std::uint64_t visited = 0;  // by the significance pass of this bit plane
    std::uint64_t refined = 0;  // at least once so far
  };
  // The state of a column of a stripe. The lowest 18 bits tell which of the 3 x 6 samples in and
  // around it are significant, row by row: those around row `r` are the nine from bit 3r on, the
  // sample itself in their middle. The 18 bits from 32 on tell likewise which are negative.
  using Flags = std::uint64_t;
  // How far a pass has come in the code-block.
  struct Cursor {
    Group* group = nullptr;
    Flags* flags = nullptr;  // of the group's first column
    std::int32_t* values = nullptr;
  };

  // A sample that is to be coded next, with what is needed for that.
  struct Candidate {
    int at = 0;
    Flags flags = 0;  // those around it are the lowest
    J2kMqContext* context = nullptr;
  };

  void reset_contexts();
  void start_segment(ByteSpan bytes, bool is_raw);
  Status decode_pass(int pass, int plane, bool is_raw);
  void start_block();
  template <class Work>
  void for_each_group(const Work& work);
  template <bool kCausal, bool kRaw>
  void significance_pass(std::int32_t value);
  template <bool kCausal, bool kRaw>
  void refinement_pass(std::int32_t half);
  template <bool kCausal>
  void cleanup_pass(std::int32_t value);
  Status check_segment_symbol();
  template <bool kCausal>
  std::uint64_t beside(const Group* group) const;
  template <bool kCausal>
  std::uint64_t around(const Group* group) const;
  template <bool kCausal>
  void set_significant(const Cursor& cursor, int at, unsigned sign) const;
  static J2kSignContext sign_context(Flags around);
  unsigned read_sign(J2kMqDecoder& mq, const J2kSignContext& context);
  void shift_back();

  J2kBlockShape shape_;
  std::ptrdiff_t across_ = 0;         // groups in a stripe
  std::ptrdiff_t flags_stride_ = 0;   // columns of these groups, and one on each side
  std::ptrdiff_t group_stride_ = 0;   // groups in a stripe, and one on each side
  std::vector<Flags> flags_;          // a stripe more above and below
  std::vector<Group> groups_;         // likewise
  std::vector<std::int32_t> values_;  // in the order of coding; the sign in the highest bit
  ByteVector segment_;                // its bytes, and bytes of 0xFF behind them
  std::array<J2kMqContext, kContexts> contexts_{};
  J2kMqDecoder mq_;
  J2kRawDecoder raw_;
};

}  // namespace iip
