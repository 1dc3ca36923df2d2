# writ_embed(writ_contract NAME contracts BASE ${CMAKE_SOURCE_DIR}/contracts FILES a.json b/c.yaml)
#
# Builds the files into the target as
#   std::span<const writ::EmbeddedFile> writ::embedded::contracts();     (base/embedded_file.h)
# sorted by path relative to BASE (default: the current source directory). The module declares that
# function in a header of its own. A changed file rebuilds the generated source; a file that was
# added shows after a re-configure (list them with file(GLOB … CONFIGURE_DEPENDS) to have that).
function(writ_embed target)
  cmake_parse_arguments(E "" "NAME;BASE" "FILES" ${ARGN})
  if(NOT E_BASE)
    set(E_BASE ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  set(paths)
  foreach(file IN LISTS E_FILES)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${E_BASE})
    list(APPEND paths ${file})
  endforeach()
  list(SORT paths)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/embedded_${E_NAME}.cc)
  # The list goes through a file: a command line would be as long as the list.
  file(GENERATE OUTPUT ${generated}.list CONTENT "${paths}\n")
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DLIST=${generated}.list -DBASE=${E_BASE} -DNAME=${E_NAME}
            -DOUTPUT=${generated} -P ${CMAKE_SOURCE_DIR}/cmake/WritEmbedScript.cmake
    DEPENDS ${paths} ${generated}.list ${CMAKE_SOURCE_DIR}/cmake/WritEmbedScript.cmake
    COMMENT "Embedding ${E_NAME}"
    VERBATIM)
  # A file is one literal, however long: the standard asks for no more than 65,536 characters of a
  # compiler, ours take what there is.
  set_source_files_properties(${generated} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
  target_sources(${target} PRIVATE ${generated})
endfunction()
