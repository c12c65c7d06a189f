// OpenJPEG as a confined decoder: a codestream in, the samples of a part of it out.
//
// It sees a raw codestream in memory through callbacks of ours, in strict mode, on one thread: no
// file name, no boxes. The question says which part, and what its planes have to be; the answer is
// the samples of all planes, one behind the other. Thread-safe: nothing is kept between calls.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/image/geometry.h"

namespace iip {

struct OpenJpegPart {
  std::int32_t reduce = 0;  // resolutions left out
  std::int32_t layers = 0;  // decoded; 0: all
  Rect area;                // on the reference grid, within the image
};

// The plane of a component, at the reduced resolution.
struct OpenJpegPlane {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int32_t bits = 8;
  std::int32_t is_signed = 0;

  std::uint64_t samples() const {
    return static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
  }
};

// The question is a head of so many bytes, then the codestream.
std::size_t openjpeg_head_size(std::size_t planes);
void write_openjpeg_head(const OpenJpegPart& part, std::span<const OpenJpegPlane> planes,
                         std::span<std::uint8_t> question);

// As ConfinedDecoder has it. Errors: corrupt, with OpenJPEG's own words; busy for want of memory.
Status decode_with_openjpeg(ByteSpan question, std::span<std::uint8_t> answer);

}  // namespace iip
