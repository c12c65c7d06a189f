# libFuzzer targets, for clang:
#
#   cmake -S . -B build-fuzz -DCMAKE_CXX_COMPILER=clang++ -DIIP_FUZZERS=ON
#   cmake --build build-fuzz --target fuzzers
#   build-fuzz/parse_iip_fuzzer -dict=tests/fuzz/iip.dict work-folder tests/fuzz/corpus/parse_iip
#
# The engine is built with the same instrumentation, so such a build folder serves nothing else.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "IIP_FUZZERS needs clang: set CMAKE_CXX_COMPILER")
endif()

# Sums, products, shifts and conversions that wrap are defined for unsigned numbers, but with those of
# a file they are mistakes. Where wrapping is meant the list says so.
set(fuzz_flags -fsanitize=address,undefined,unsigned-integer-overflow,unsigned-shift-base,implicit-conversion
               -fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/tests/fuzz/integer.ignorelist
               -fno-sanitize-recover=all -fno-omit-frame-pointer)
foreach(library ${IIP_ENGINE_LIBRARIES})
  get_target_property(type ${library} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    target_compile_options(${library} PRIVATE -fsanitize=fuzzer-no-link ${fuzz_flags})
  endif()
endforeach()

add_custom_target(fuzzers)
# iip_fuzzer(<name> <engine folder> [<more sources>...]) builds tests/fuzz/<name>_fuzzer.cpp.
function(iip_fuzzer name folder)
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/tests/fuzz/ OUTPUT_VARIABLE more)
  add_executable(${name}_fuzzer ${CMAKE_SOURCE_DIR}/tests/fuzz/${name}_fuzzer.cpp ${more})
  target_compile_options(${name}_fuzzer PRIVATE -fsanitize=fuzzer ${fuzz_flags})
  target_link_options(${name}_fuzzer PRIVATE -fsanitize=fuzzer ${fuzz_flags})
  target_link_libraries(${name}_fuzzer PRIVATE iip_${folder} iip_warnings)
  add_dependencies(fuzzers ${name}_fuzzer)
endfunction()

iip_fuzzer(parse_iip protocol parse_properties.cpp)
iip_fuzzer(parse_iiif protocol parse_properties.cpp)
iip_fuzzer(parse_tiles protocol parse_properties.cpp)
iip_fuzzer(parse_target protocol parse_properties.cpp)
iip_fuzzer(tile_envelope remote)
iip_fuzzer(tiff formats source_properties.cpp heap_pattern_sanitized.cpp)
iip_fuzzer(jpeg formats source_properties.cpp heap_pattern_sanitized.cpp)
iip_fuzzer(png formats source_properties.cpp heap_pattern_sanitized.cpp)
iip_fuzzer(jp2_header formats jp2_properties.cpp heap_pattern_sanitized.cpp)
iip_fuzzer(jp2_index formats jp2_properties.cpp heap_pattern_sanitized.cpp)
iip_fuzzer(jp2_excerpts formats jp2_properties.cpp heap_pattern_sanitized.cpp)
