// The helper processes of a test program, started when they are first wanted.
#pragma once

#include <memory>

#include "engine/confined/helpers.h"
#include "engine/formats/source_decoders.h"
#include "engine/source/source.h"
#include "support/rasters.h"

namespace iip::test {

inline ConfinedDecoders* decoders() {
  static const std::unique_ptr<Helpers> kHelpers = must(Helpers::start(source_decoders()));
  return kHelpers.get();
}

// The same context, with the decoders lent as well.
inline ReadContext confined(ReadContext context) {
  context.decoders = decoders();
  return context;
}

}  // namespace iip::test
