// Stored JPEG tiles that go out as pictures of their own, without being decoded. Thread-safe.
#pragma once

#include "engine/base/bytes.h"
#include "engine/encode/picture_extras.h"

namespace iip {

// The bytes to put in place of a stored JPEG tile's SOI marker, so that it becomes a
// picture of its own: SOI, the profile (APP2) if any, the shared tables if any.
Bytes jpeg_splice_head(const Bytes& tables, const PictureExtras& extras);

}  // namespace iip
