// What a block of LZMA claims before it is decoded.
//
// liblzma allocates the dictionary that the header of each block of a stream states, up to 4 GB,
// however little the stream holds, and libtiff sets it no limit. The blocks can be found without
// decoding them: LZMA2 is a sequence of chunks that state their lengths.
//
// Source: the .xz file format, version 1.2 (tukaani.org/xz/xz-file-format.txt), for the stream; the
// chunks are those of LZMA2 as liblzma's lzma2_decoder reads them.
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace iip {

// The largest dictionary, in bytes, that liblzma would allocate for `stream`, as far as that goes:
// a stream that is cut short has none behind that. Errors: corrupt, for what is no such stream.
Result<std::uint64_t> largest_lzma_dictionary(ByteSpan stream);

}  // namespace iip
