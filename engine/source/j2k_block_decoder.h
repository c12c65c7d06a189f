// Decodes code-blocks of JPEG 2000 (ISO/IEC 15444-1 annex D), those of HTJ2K left out.
//
// Of OpenJPEG's interface whole pictures come out, and never a code-block, which is what has to be
// kept so that the neighbours of a tile need not decode it again. Works in buffers of its own, that
// the next block takes over: one decoder a thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/source/j2k_mq_decoder.h"
#include "engine/source/j2k_tile_index.h"

namespace iip {

struct J2kBlockShape {
  int width = 0;
  int height = 0;
  int band = 0;    // 0 to 3: LL, HL, LH, HH
  int style = 0;   // J2kComponentCoding::Style, without kHighThroughput
  int planes = 0;  // bit planes of the band: M_b of the standard, and what RGN shifts by
  int region_shift = 0;
};

class J2kBlockDecoder {
 public:
  // `bytes` are those of data.pieces, one after the other. Gives width * height coefficients, row
  // by row, doubled: the lowest bit is the half by which what was not coded is guessed. Errors:
  // corrupt.
  Result<std::span<const std::int32_t>> decode(const J2kBlockShape& shape, const J2kBlockData& data,
                                               ByteSpan bytes);

 private:
  enum Context { kFirstSign = 9, kFirstMagnitude = 14, kRun = 17, kUniform = 18, kContexts = 19 };

  void reset_contexts();
  void start_segment(ByteSpan bytes, bool is_raw);
  Status decode_pass(int pass, int plane, bool is_raw);
  template <bool kCausal, bool kRaw>
  void significance_pass(std::int32_t value);
  template <bool kRaw>
  void refinement_pass(std::int32_t half);
  template <bool kCausal>
  void cleanup_pass(std::int32_t value);
  Status check_segment_symbol();
  template <bool kCausal>
  void set_significant(std::uint32_t* flags, int row, unsigned sign, std::uint32_t& own) const;
  unsigned sign_index(const std::uint32_t* flags, int row, std::uint32_t own) const;
  void finish();

  J2kBlockShape shape_;
  std::ptrdiff_t stride_ = 0;         // of flags_: the columns, and one on each side
  std::vector<std::uint32_t> flags_;  // of four rows each; a row of them above and below
  std::vector<std::int32_t> values_;  // magnitudes, and the sign in the highest bit
  ByteVector segment_;                // and two bytes of 0xFF
  std::array<J2kMqContext, kContexts> contexts_{};
  J2kMqDecoder mq_;
  J2kRawDecoder raw_;
};

}  // namespace iip
