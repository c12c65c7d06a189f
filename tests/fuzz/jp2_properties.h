// What the fuzzers of JPEG 2000 check, for them and for the replay of their corpora.
#pragma once

#include <cstddef>
#include <cstdint>

namespace iip {

// Any bytes as a file: boxes, main header, channels. Aborts where an answer is not as promised.
void check_jp2_header(const std::uint8_t* data, std::size_t size);

// Any bytes as a file: the packets of its first and last tile are indexed, and excerpts made that
// must be codestreams by our own reading; then a part is decoded from its code-blocks. OpenJPEG has
// no part in it.
void check_jp2_excerpts(const std::uint8_t* data, std::size_t size);

}  // namespace iip
