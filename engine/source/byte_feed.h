// ByteFeed: bytes that are asked for piece by piece, by the libraries that decode them. For one
// thread at a time.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace iip {

class ByteFeed {
 public:
  virtual ~ByteFeed() = default;

  // The next piece, valid until the next call; empty at the end.
  virtual Result<ByteSpan> next() = 0;

 protected:
  ByteFeed() = default;
  ByteFeed(const ByteFeed&) = default;
  ByteFeed& operator=(const ByteFeed&) = default;
};

}  // namespace iip
