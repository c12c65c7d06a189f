# The command-line tool, and what bench/run compares with: the bare codec calls.
add_executable(iip tools/iip.cpp)
target_link_libraries(iip PRIVATE iip_service iip_warnings)

add_executable(codec_floor EXCLUDE_FROM_ALL bench/codec_floor.cpp)
target_link_libraries(codec_floor PRIVATE PkgConfig::TIFF PkgConfig::JPEG iip_warnings)

# How the tile cache compares with plain LRU: prints a table of hit ratios.
add_executable(cache_simulation EXCLUDE_FROM_ALL bench/cache_simulation.cpp)
target_link_libraries(cache_simulation PRIVATE iip_cache iip_warnings)

# What a tile at the end of a plain JPEG file costs.
add_executable(jpeg_access EXCLUDE_FROM_ALL bench/jpeg_access.cpp)
target_link_libraries(jpeg_access PRIVATE iip_formats iip_warnings)

# What processing costs; not built unless asked for.
add_executable(processing EXCLUDE_FROM_ALL bench/processing.cpp)
target_link_libraries(processing PRIVATE iip_service iip_warnings)

# JPEG 2000 beside plain OpenJPEG region decoding.
add_executable(jp2_bench EXCLUDE_FROM_ALL bench/jp2_bench.cpp)
target_link_libraries(jp2_bench PRIVATE iip_service iip_warnings)

# What asking memcached costs; bench/memcached_clients compares two builds of it.
add_executable(memcached_client EXCLUDE_FROM_ALL bench/memcached_client.cpp)
target_link_libraries(memcached_client PRIVATE iip_memcache iip_warnings)
