// What the fuzzers of JPEG 2000 check, for them and for the replay of their corpus: jp2_header,
// jp2_index and jp2_excerpts, one for each step from a file to what a decoder gets. They share
// tests/fuzz/corpus/jp2.
#pragma once

#include <cstddef>
#include <cstdint>

namespace iip {

// Any bytes as a file: boxes, main header, channels. Aborts where an answer is not as promised.
void check_jp2_header(const std::uint8_t* data, std::size_t size);

// Any bytes as a file: the packets of its first and last tile are indexed, by reading them and by
// the lengths that the file states. What the index says of
// each code-block must lie within the tile's data, belong to it alone, come layer by layer and be
// as many passes as the standard allows; and the index takes no more memory than it may.
void check_jp2_index(const std::uint8_t* data, std::size_t size);

// Any bytes as a file: from the indices of its first and last tile excerpts are made that must be
// codestreams by our own reading; then a part is decoded from its code-blocks. Neither depends on
// what memory held before (heap_pattern.h). OpenJPEG has no part in it.
void check_jp2_excerpts(const std::uint8_t* data, std::size_t size);

}  // namespace iip
