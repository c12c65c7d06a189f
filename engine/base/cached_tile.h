// A finished answer as every cache hands it out, whatever keeps it.
//
// Head and body are the caller's: what must be known to send the body (the caches do not read it),
// and the body itself.
#pragma once

#include "engine/base/bytes.h"

namespace iip {

struct CachedTile {
  ByteVector head;
  Bytes body;
};

}  // namespace iip
