// Watermarking: which mark is laid over pictures, how often and how strongly. A value type; the
// default lays none. The mark is borrowed from the configuration, which outlives the request.
#pragma once

#include "engine/base/hash.h"

namespace iip {

class Watermark;  // pipeline/watermark.h

struct Watermarking {
  const Watermark* mark = nullptr;
  Digest version;          // of the mark's file: another one is another mark
  double probability = 1;  // that a block of the picture has it, 0 to 1
  double opacity = 1;      // 0 to 1

  bool shows() const { return mark != nullptr && probability > 0 && opacity > 0; }
  // All marks that do not show add the same.
  void add_to(Hasher& hasher) const;
};

}  // namespace iip
