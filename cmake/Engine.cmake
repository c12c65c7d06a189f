# One static library per folder of the engine.
#
# Headers are included as "engine/<folder>/<name>.h". Each library publishes an include root that
# holds its own folder alone, so an include compiles only where the library links the folder it
# names: the arrows below are the only ones there are.
file(STRINGS ${CMAKE_SOURCE_DIR}/sources.list IIP_SOURCES REGEX "\\.cpp$")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sources.list)

function(iip_engine_folder name)
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root}/engine)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/engine/${name} ${root}/engine/${name} SYMBOLIC)
  set(sources ${IIP_SOURCES})
  list(FILTER sources INCLUDE REGEX "^engine/${name}/")
  if(sources)
    add_library(iip_${name} STATIC ${sources})
    target_include_directories(iip_${name} PUBLIC ${root})
    target_link_libraries(iip_${name} PRIVATE iip_warnings PUBLIC ${ARGN})
    iip_precompile(iip_${name} iip_base ${IIP_STANDARD_HEADERS})
  else()
    add_library(iip_${name} INTERFACE)
    target_include_directories(iip_${name} INTERFACE ${root})
    target_link_libraries(iip_${name} INTERFACE ${ARGN})
  endif()
endfunction()

iip_engine_folder(base PkgConfig::XXHASH PkgConfig::SODIUM)
iip_engine_folder(image iip_base)
iip_engine_folder(protocol iip_base)
iip_engine_folder(confined iip_base PkgConfig::SECCOMP)
iip_engine_folder(source iip_image iip_confined PkgConfig::TIFF PkgConfig::JPEG PkgConfig::PNG
                  PkgConfig::ZLIB PkgConfig::OPENJPEG)
iip_engine_folder(pipeline iip_image PkgConfig::ZIMG PkgConfig::LCMS)
iip_engine_folder(encode iip_image PkgConfig::JPEG PkgConfig::PNG PkgConfig::TIFF PkgConfig::WEBP
                  PkgConfig::AVIF)
iip_engine_folder(plan iip_image iip_protocol)
iip_engine_folder(describe iip_image iip_protocol)
iip_engine_folder(cache iip_base)
iip_engine_folder(remote iip_base)
iip_engine_folder(service iip_source iip_pipeline iip_encode iip_plan iip_describe iip_cache
                  iip_remote)
