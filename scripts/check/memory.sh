#!/bin/sh
# Does the code of this project, the decoders that are its own above all, use memory that nobody wrote?
# Builds memory_check by clang with MemorySanitizer, in build-msan/, and looks at pictures with it.
#
#   memory.sh FOLDER   FOLDER is that of the test pictures; the fuzzers' corpora come with the source
#
# Not a part of ./check: what is compiled for it serves nothing else.
set -eu
folder=$(readlink -f "$1")
cd "$(dirname "$0")/../.."
cmake -S . -B build-msan -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1 -DNDEBUG" -DIIP_TESTS=ON -DIIP_SANITIZE=memory
cmake --build build-msan --target memory_check
find "$folder" tests/fuzz/corpus/tiff tests/fuzz/corpus/jpeg tests/fuzz/corpus/jp2 -type f \
  ! -name '*.raw' ! -name '*.p?m' ! -name '*.png' -print0 | sort -z | xargs -0 build-msan/memory_check
