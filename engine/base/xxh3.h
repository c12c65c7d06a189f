// XXH3, a fast hash that detects accidental changes: for checksums, and for slots of hash tables.
//
// Whoever may choose the input finds another one with the same result within minutes. What names
// something, a key or an ETag, is a Digest (hash.h).
#pragma once

#define XXH_STATIC_LINKING_ONLY  // for the complete type of the state
#include <xxhash.h>
