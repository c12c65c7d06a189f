# What ./check runs besides the engine's tests: suites that are programs of their own. ctest runs
# them too, so that its summary is the whole. Without them: ctest -LE suite
#
# Most of the time of httpd's tests goes by in waiting, for restarts and deadlines: four of their
# files run at a time, and clang-tidy and apxs.sh, at a low priority, take what they leave over.
set(PYTEST /usr/bin/python3 -m pytest -q -p no:cacheprovider)

function(iip_suite name timeout)
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS suite TIMEOUT ${timeout}
                       ENVIRONMENT "IIP_BUILD=${CMAKE_BINARY_DIR};IIP_TEST_IMAGES=${IIP_TEST_IMAGES}")
endfunction()

iip_suite(layers 60 ${PYTEST} tests/layers_test.py tests/tree_test.py)
iip_suite(format 120 scripts/check/format.sh)
iip_suite(tidy 3000 nice scripts/check/tidy.py ${CMAKE_SOURCE_DIR}/build-asan)
iip_suite(apxs 900 nice scripts/check/apxs.sh)
iip_suite(sanitizers 2400 ctest --test-dir ${CMAKE_SOURCE_DIR}/build-asan -LE suite -j 2
          --output-on-failure)
# What threads share, under the thread sanitizer; without the long tests of one thread, and without
# processes that die with a lock, as it knows nothing of pthread_mutex_timedlock's EOWNERDEAD.
iip_suite(threads 1200 ctest --test-dir ${CMAKE_SOURCE_DIR}/build-tsan -j 2 -L "^(cache|memcache|service)$"
          -E "Model|DamagedBlock|Crash|ReadScaled|Dies|ALineAcross|Jp2Thumbnail" --output-on-failure)
iip_suite(httpd 1500 ${PYTEST} -n 4 --dist loadfile --durations=15 tests/httpd)
iip_suite(browser 900 ${PYTEST} tests/browser)
# Only one of these at a time. tidy, the longest, goes beside them, and first beside those that wait
# most.
set_tests_properties(apxs sanitizers threads httpd browser PROPERTIES RESOURCE_LOCK processor)
set_tests_properties(tidy PROPERTIES COST 1000)
set_tests_properties(httpd PROPERTIES COST 900)
set_tests_properties(browser PROPERTIES COST 800)
