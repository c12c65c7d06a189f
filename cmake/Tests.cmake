# tests/engine mirrors engine/: one test program per folder, linking that folder's library, so that
# the tests obey the same arrows.
find_package(GTest REQUIRED)
include(GoogleTest)
# Oracles in Python need the system's interpreter, which has Pillow and numpy. Where it is missing,
# the tests that ask them fail.
find_program(IIP_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
# Made by scripts/make_test_images.py.
set(IIP_TEST_IMAGES ${CMAKE_BINARY_DIR}/test-images CACHE PATH "The folder of the test pictures")
add_test(NAME test_images COMMAND ${IIP_PYTHON} ${CMAKE_SOURCE_DIR}/scripts/make_test_images.py
                                  ${IIP_TEST_IMAGES})
set_tests_properties(test_images PROPERTIES FIXTURES_SETUP test_images)
add_custom_target(engine_tests)

add_library(iip_source_tree STATIC ${CMAKE_SOURCE_DIR}/tests/engine/support/source_tree.cpp)
target_include_directories(iip_source_tree PRIVATE ${CMAKE_SOURCE_DIR}/tests/engine)
target_compile_definitions(iip_source_tree PRIVATE IIP_TEST_PYTHON="${IIP_PYTHON}"
                           IIP_SOURCE_ROOT="${CMAKE_SOURCE_DIR}")

# iip_tests(<folder> [<library>]) builds a program of the tests in the folder of tests/engine, for the
# library of the same name or the given one.
function(iip_tests folder)
  string(REPLACE "/" "_" name ${folder})
  set(library iip_${name})
  if(ARGC GREATER 1)
    set(library ${ARGV1})
  endif()
  iip_test_program(${name} engine/${folder} ${library})
endfunction()

function(iip_test_program name folder library)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/${folder}
                             ${CMAKE_SOURCE_DIR}/tests/engine)
  # It is the engine's speed that counts; the tests' own code is to be compiled fast.
  target_compile_options(test_${name} PRIVATE -O0 -g1)
  target_link_libraries(test_${name} PRIVATE ${library} iip_source_tree GTest::gtest_main
                        GTest::gmock iip_warnings)
  iip_precompile(test_${name} test_base ${IIP_TEST_HEADERS})
  gtest_discover_tests(test_${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${name} TIMEOUT 300
                       FIXTURES_REQUIRED test_images
                       ENVIRONMENT "IIP_TEST_IMAGES=${IIP_TEST_IMAGES}")
  add_dependencies(engine_tests test_${name})
endfunction()

foreach(folder base model image files protocol confined plan describe cache
               remote service)
  iip_tests(${folder})
endforeach()
iip_tests(pipeline iip_pipeline_colour)
iip_tests(formats/jpeg2000 iip_formats)
iip_tests(formats/metadata iip_formats)
iip_tests(formats/tiff iip_formats)
iip_tests(formats/decode iip_formats)
iip_tests(formats/encode iip_formats)
iip_test_program(memcache memcache iip_memcache)
# What the fuzzers check, for the replay of their corpus.
target_sources(test_protocol PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/parse_properties.cpp)
if(IIP_SANITIZE MATCHES memory)
  set(heap_pattern ${CMAKE_SOURCE_DIR}/tests/fuzz/heap_pattern_none.cpp)
  add_executable(memory_check ${CMAKE_SOURCE_DIR}/tests/fuzz/memory_check.cpp ${heap_pattern}
                              ${CMAKE_SOURCE_DIR}/tests/fuzz/memory_check_libstdcxx.cpp
                              ${CMAKE_SOURCE_DIR}/tests/fuzz/source_properties.cpp
                              ${CMAKE_SOURCE_DIR}/tests/fuzz/jp2_properties.cpp)
  target_link_libraries(memory_check PRIVATE iip_formats iip_warnings)
  target_link_options(memory_check PRIVATE
    -Wl,--wrap=_ZSt29_Rb_tree_insert_and_rebalancebPSt18_Rb_tree_node_baseS0_RS_
    -Wl,--wrap=_ZNSt8__detail15_List_node_base7_M_hookEPS0_)
elseif(IIP_SANITIZE)
  set(heap_pattern ${CMAKE_SOURCE_DIR}/tests/fuzz/heap_pattern_sanitized.cpp)
else()
  set(heap_pattern ${CMAKE_SOURCE_DIR}/tests/fuzz/heap_pattern.cpp)
  # It replaces functions of the C library, for the libraries too.
  set_source_files_properties(${heap_pattern} PROPERTIES COMPILE_OPTIONS -fvisibility=default)
endif()
# Where allocations are counted, or made to fail. The thread sanitizer lets nobody else replace
# operator new.
if(IIP_SANITIZE MATCHES "thread")
  set_source_files_properties(${CMAKE_SOURCE_DIR}/tests/engine/service/no_memory_test.cpp
                              ${CMAKE_SOURCE_DIR}/tests/engine/formats/decode/hostile_metadata_test.cpp
                              PROPERTIES HEADER_FILE_ONLY ON)
else()
  foreach(name service formats_decode)
    target_sources(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/engine/support/failing_new.cpp)
  endforeach()
endif()
target_sources(test_formats_decode PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/source_properties.cpp
                                           ${heap_pattern})
target_sources(test_formats_jpeg2000 PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/jp2_properties.cpp
                                             ${heap_pattern})
# Its programs' memory is filled with patterns, so they are not among those of the folders.
# Under the sanitizers the replay of the corpora does the same.
if(NOT IIP_SANITIZE)
  add_executable(test_heap ${CMAKE_SOURCE_DIR}/tests/engine/heap/any_heap_test.cpp ${heap_pattern})
  target_include_directories(test_heap PRIVATE ${CMAKE_SOURCE_DIR}/tests/engine)
  target_link_libraries(test_heap PRIVATE iip_service iip_source_tree GTest::gtest_main iip_warnings)
  gtest_discover_tests(test_heap DISCOVERY_TIMEOUT 60 PROPERTIES LABELS heap TIMEOUT 300
                       FIXTURES_REQUIRED test_images
                       ENVIRONMENT "IIP_TEST_IMAGES=${IIP_TEST_IMAGES}")
  add_dependencies(engine_tests test_heap)
endif()
