// A watermark from its file, which is read once, when the server reads its configuration. A value
// type; read by one thread, then for all.
#pragma once

#include "engine/base/hash.h"
#include "engine/base/log.h"
#include "engine/pipeline/watermark.h"

namespace iip {

struct WatermarkFile {
  Watermark mark;
  Digest version;
};

// Any picture that is served, grey or RGB with at most 16 megapixels: a TIFF or PNG with alpha, for
// instance. Errors say what is wrong with the file.
Result<WatermarkFile> read_watermark(const char* path, LogSink& log);

}  // namespace iip
