# More than a third of the time of a whole build goes into reading the headers of the standard
# library again for each source. Where IIP_PRECOMPILE is on they are read once for all targets that are compiled alike.
# A source includes what it needs all the same: Makefile.apxs compiles without this.
set(IIP_STANDARD_HEADERS
    <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cmath> <condition_variable> <cstddef>
    <cstdint> <cstring> <functional> <limits> <map> <memory> <memory_resource> <mutex> <numeric>
    <optional> <span> <string> <string_view> <tuple> <unordered_map> <utility> <variant> <vector>)
set(IIP_TEST_HEADERS ${IIP_STANDARD_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)

# With precompiled headers GCC 12 no longer knows which are the system's, and warns of what its own
# std::string does: bounds that it keeps.
if(IIP_PRECOMPILE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-array-bounds -Wno-stringop-overflow -Wno-restrict)
endif()

# iip_precompile(<target> <first target> <headers>...): <first target> is the one that compiles the
# headers for all that name it.
function(iip_precompile target first)
  if(NOT IIP_PRECOMPILE)
    return()
  endif()
  if(target STREQUAL first)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${first})
  endif()
endfunction()
