# writ_types(NAME writ_api_types NAMESPACE writ::api FILE ${CMAKE_SOURCE_DIR}/contracts/openapi.yaml)
#
# A library of the C++ types of a contract, made by our own generator (src/contract/types), which is
# built first:
#   #include "contract/generated/openapi.h"
# A changed contract makes them anew.
set(WRIT_GENERATED ${CMAKE_BINARY_DIR}/generated)

function(writ_types)
  cmake_parse_arguments(T "" "NAME;NAMESPACE;FILE" "" ${ARGN})
  cmake_path(GET T_FILE STEM stem)
  string(REPLACE "-" "_" stem ${stem})
  set(include contract/generated/${stem}.h)
  set(header ${WRIT_GENERATED}/${include})
  set(source ${WRIT_GENERATED}/contract/generated/${stem}.cc)
  file(MAKE_DIRECTORY ${WRIT_GENERATED}/contract/generated)
  add_custom_command(
    OUTPUT ${header} ${source}
    COMMAND writ_types_tool cpp_header ${T_FILE} ${header} ${T_NAMESPACE} ${include}
    COMMAND writ_types_tool cpp_source ${T_FILE} ${source} ${T_NAMESPACE} ${include}
    DEPENDS writ_types_tool ${T_FILE}
    COMMENT "Types of ${stem}"
    VERBATIM)
  add_library(${T_NAME} STATIC ${source} ${header})
  target_include_directories(${T_NAME} PUBLIC ${WRIT_GENERATED})
  target_link_libraries(${T_NAME} PUBLIC writ_contract PRIVATE writ_warnings)
  # For tools that read sources before there is a build: `ninja writ_api_types_made`.
  add_custom_target(${T_NAME}_made DEPENDS ${header} ${source})
endfunction()

# writ_typescript(FILES contracts/…): one module a contract, in <build>/generated/typescript.
function(writ_typescript)
  cmake_parse_arguments(T "" "" "FILES" ${ARGN})
  set(made)
  file(MAKE_DIRECTORY ${WRIT_GENERATED}/typescript)
  foreach(file IN LISTS T_FILES)
    cmake_path(GET file STEM stem)
    set(output ${WRIT_GENERATED}/typescript/${stem}.ts)
    add_custom_command(
      OUTPUT ${output}
      COMMAND writ_types_tool typescript ${file} ${output}
      DEPENDS writ_types_tool ${file}
      VERBATIM)
    list(APPEND made ${output})
  endforeach()
  add_custom_target(writ_typescript_types ALL DEPENDS ${made})
endfunction()
