# The command-line tool, and the bare codec calls that bench/run compares with.
add_executable(iip tools/iip.cpp)
target_link_libraries(iip PRIVATE iip_service iip_warnings)

add_executable(codec_floor EXCLUDE_FROM_ALL bench/codec_floor.cpp)
target_link_libraries(codec_floor PRIVATE PkgConfig::TIFF PkgConfig::JPEG iip_warnings)
