# writ_module(NAME store
#   DEPENDS base crypto            other modules, as tools/layers.json allows
#   LIBRARIES PkgConfig::SQLITE    third-party, private to the module
#   SOURCES sqlite/sqlite_store.cc …
#   TESTS store_test.cc …          one test executable, writ_store_test
#   TEST_DEPENDS …                 modules that only the tests use)
#
# One static library and one test executable per module, all of the same shape.

find_package(GTest REQUIRED)

if(WRIT_PCH AND NOT TARGET writ_test_pch)
  add_library(writ_test_pch OBJECT ${CMAKE_BINARY_DIR}/pch/empty.cc)
  target_precompile_headers(writ_test_pch PRIVATE
    <gtest/gtest.h> <algorithm> <array> <chrono> <cstdint> <expected> <filesystem> <functional>
    <map> <memory> <optional> <set> <span> <string> <string_view> <utility> <variant> <vector>)
  target_link_libraries(writ_test_pch PRIVATE writ_warnings GTest::gtest)
  target_compile_options(writ_test_pch PRIVATE -fpch-preprocess)
endif()

function(writ_use_pch target pch)
  if(WRIT_PCH)
    target_precompile_headers(${target} REUSE_FROM ${pch})
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endif()
endfunction()

# Tells sources that ask for it where the source tree is. The others are not told: a path in every
# command line would keep two checkouts from sharing what the compiler cache holds.
function(writ_tell_place)
  foreach(source IN LISTS ARGN)
    file(STRINGS ${source} asks REGEX "WRIT_(SOURCE|BINARY)_DIR" LIMIT_COUNT 1)
    if(asks)
      set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS
        "WRIT_SOURCE_DIR=\"${CMAKE_SOURCE_DIR}\";WRIT_BINARY_DIR=\"${CMAKE_BINARY_DIR}\"")
    endif()
  endforeach()
endfunction()

function(writ_module)
  cmake_parse_arguments(M "" "NAME" "DEPENDS;LIBRARIES;SOURCES;TESTS;TEST_DEPENDS" ${ARGN})
  set(target writ_${M_NAME})
  list(TRANSFORM M_DEPENDS PREPEND writ_)
  list(TRANSFORM M_TEST_DEPENDS PREPEND writ_)
  add_library(${target} STATIC ${M_SOURCES})
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${target} PUBLIC ${M_DEPENDS} PRIVATE writ_warnings ${M_LIBRARIES})
  writ_use_pch(${target} writ_pch)

  if(M_TESTS AND NOT WRIT_FUZZ)
    add_executable(${target}_test ${M_TESTS})
    target_link_libraries(${target}_test PRIVATE
      ${target} ${M_TEST_DEPENDS} ${M_LIBRARIES} writ_warnings GTest::gtest GTest::gtest_main)
    writ_use_pch(${target}_test writ_test_pch)
    writ_tell_place(${M_TESTS})
    add_test(NAME ${M_NAME} COMMAND ${target}_test)
    set_tests_properties(${M_NAME} PROPERTIES TIMEOUT 300)
  endif()
endfunction()
