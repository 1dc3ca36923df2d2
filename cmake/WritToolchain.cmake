# Compiler cache, linker, warnings and the shared precompiled headers.

find_program(WRIT_CCACHE ccache)
if(WRIT_CCACHE)
  # base_dir and nohashdir let checkouts in different places share the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${WRIT_CCACHE})
endif()

find_program(WRIT_MOLD mold)
if(WRIT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set_property(GLOBAL PROPERTY JOB_POOLS link=1)
set(CMAKE_JOB_POOL_LINK link)

add_library(writ_warnings INTERFACE)
target_compile_options(writ_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
# Optimising, g++ 12 sees overruns in its own std::string concatenation (GCC bugs 105329, 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(writ_warnings INTERFACE
    -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
endif()

# One set of standard headers for production code, one with GoogleTest for tests.
if(WRIT_PCH)
  file(WRITE ${CMAKE_BINARY_DIR}/pch/empty.cc "")
  add_library(writ_pch OBJECT ${CMAKE_BINARY_DIR}/pch/empty.cc)
  target_precompile_headers(writ_pch PRIVATE
    <algorithm> <array> <chrono> <cstdint> <expected> <filesystem> <functional> <map> <memory>
    <optional> <set> <span> <string> <string_view> <utility> <variant> <vector>)
  target_link_libraries(writ_pch PRIVATE writ_warnings)
  target_compile_options(writ_pch PRIVATE -fpch-preprocess)
endif()
