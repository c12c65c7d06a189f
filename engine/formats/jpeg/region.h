// A part of a sequential JPEG picture as a JPEG stream of its own, for libjpeg: the same tables and
// coefficients, none of the MCUs around it. For one thread at a time. Scan and index may be shared.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/deadline.h"
#include "engine/base/result.h"
#include "engine/formats/jpeg/header.h"
#include "engine/formats/jpeg/index.h"
#include "engine/formats/jpeg/mcu_reader.h"
#include "engine/formats/jpeg/mcu_writer.h"
#include "engine/formats/jpeg/scan.h"
#include "engine/image/geometry.h"
#include "engine/source/byte_feed.h"

namespace iip {

// The bytes of such a stream, made while they are read. All that is given must outlive the feed.
class JpegRegionFeed : public ByteFeed {
 public:
  // `mcus`: columns and rows of MCUs. `head` is as JpegFile has it; `size` is that of the part in
  // pixels.
  JpegRegionFeed(const JpegScan& scan, const JpegIndex& index, ByteSpan head, StoredBytes bytes,
                 const Rect& mcus, const Size& size, const Deadline& deadline);

  Result<ByteSpan> next() override;

  std::int64_t mcus_read() const { return reader_.mcus_read(); }

 private:
  Status add_row();

  const JpegScan& scan_;
  const JpegIndex& index_;
  const StoredBytes bytes_;
  const Rect mcus_;
  const Deadline& deadline_;
  ByteVector head_;
  JpegMcuReader reader_;
  JpegMcuWriter writer_;
  std::int64_t row_ = 0;
  bool began_ = false;
  bool ended_ = false;
};

}  // namespace iip
