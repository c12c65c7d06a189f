# tests/engine mirrors engine/: one test program per folder, linking that folder's library, so that
# the tests obey the same arrows.
find_package(GTest REQUIRED)
include(GoogleTest)

function(iip_engine_tests name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/engine/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/engine/${name})
  target_link_libraries(test_${name} PRIVATE iip_${name} ${ARGN} GTest::gtest_main GTest::gmock
                        iip_warnings)
  gtest_discover_tests(test_${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300
                       ENVIRONMENT "IIP_TEST_IMAGES=${CMAKE_BINARY_DIR}/test-images")
endfunction()

foreach(folder base image protocol source pipeline encode plan describe cache service)
  iip_engine_tests(${folder})
endforeach()
