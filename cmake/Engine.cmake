# One static library per folder of the engine.
#
# Headers are included as "engine/<folder>/<name>.h". Each library publishes an include root that
# holds its own folder alone, so an include compiles only where the library links the folder it
# names: the arrows below are the only ones there are. The library of engine/formats/png is
# iip_formats_png. A folder with folders below it links them all.
file(STRINGS ${CMAKE_SOURCE_DIR}/sources.list IIP_SOURCES REGEX "\\.cpp$")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sources.list)

set(IIP_ENGINE_LIBRARIES "")

function(iip_engine_folder folder)
  string(REPLACE "/" "_" name ${folder})
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  cmake_path(GET folder PARENT_PATH parent)
  file(MAKE_DIRECTORY ${root}/engine/${parent})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/engine/${folder} ${root}/engine/${folder} SYMBOLIC)
  set(sources ${IIP_SOURCES})
  list(FILTER sources INCLUDE REGEX "^engine/${folder}/[^/]*$")
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
  set(IIP_ENGINE_LIBRARIES ${IIP_ENGINE_LIBRARIES} iip_${name} PARENT_SCOPE)
endfunction()

iip_engine_folder(base PkgConfig::XXHASH PkgConfig::SODIUM)
iip_engine_folder(model iip_base)
iip_engine_folder(image iip_base)
iip_engine_folder(files iip_base iip_model)
iip_engine_folder(protocol iip_model)
iip_engine_folder(confined iip_base PkgConfig::SECCOMP)
iip_engine_folder(source iip_image iip_confined)
iip_engine_folder(encode iip_image iip_model)

iip_engine_folder(formats/tiff/structure iip_base)
iip_engine_folder(formats/metadata iip_source iip_encode iip_formats_tiff_structure)
iip_engine_folder(formats/jpeg iip_formats_metadata PkgConfig::JPEG)
iip_engine_folder(formats/tiff iip_formats_tiff_structure iip_formats_metadata iip_formats_jpeg
                  PkgConfig::TIFF)
iip_engine_folder(formats/jpeg2000/codestream iip_source)
iip_engine_folder(formats/jpeg2000/index iip_formats_jpeg2000_codestream)
iip_engine_folder(formats/jpeg2000/decode iip_formats_jpeg2000_index)
iip_engine_folder(formats/jpeg2000/openjpeg iip_formats_jpeg2000_index PkgConfig::OPENJPEG)
iip_engine_folder(formats/jpeg2000 iip_formats_jpeg2000_decode iip_formats_jpeg2000_openjpeg
                  iip_formats_metadata)
iip_engine_folder(formats/png iip_formats_metadata PkgConfig::PNG PkgConfig::ZLIB)
iip_engine_folder(formats/webp iip_formats_metadata PkgConfig::WEBP)
iip_engine_folder(formats/avif iip_formats_metadata PkgConfig::AVIF)
iip_engine_folder(formats iip_formats_tiff iip_formats_jpeg iip_formats_jpeg2000 iip_formats_png
                  iip_formats_webp iip_formats_avif)

iip_engine_folder(pipeline iip_image iip_model PkgConfig::ZIMG PkgConfig::LCMS)
iip_engine_folder(pipeline/colour iip_pipeline)
iip_engine_folder(plan iip_image iip_protocol)
iip_engine_folder(describe iip_image iip_protocol)
iip_engine_folder(cache iip_base)
iip_engine_folder(remote iip_base)
iip_engine_folder(service iip_formats iip_files iip_pipeline_colour iip_plan iip_describe iip_cache
                  iip_remote)
