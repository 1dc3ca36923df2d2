# The archive, and what `cmake --install --component sdk` puts where.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# A static library of ours does not hold those that it needs: they are put together here.
set(parts writ_sdk writ_bundles writ_net writ_observe writ_policy writ_contract writ_crypto writ_base)
set(archive ${CMAKE_CURRENT_BINARY_DIR}/libwrit.a)
set(script "CREATE ${archive}\n")
foreach(part IN LISTS parts)
  string(APPEND script "ADDLIB $<TARGET_FILE:${part}>\n")
endforeach()
file(GENERATE OUTPUT ${archive}.script CONTENT "${script}SAVE\nEND\n")
add_custom_command(
  OUTPUT ${archive}
  COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
  COMMAND ${CMAKE_AR} -M < ${archive}.script
  COMMAND ${CMAKE_OBJCOPY} --strip-debug ${archive}
  DEPENDS ${parts} ${archive}.script
  COMMENT "Putting libwrit.a together"
  VERBATIM)
add_custom_target(writ_sdk_archive ALL DEPENDS ${archive})

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/writ)
configure_package_config_file(writConfig.cmake.in writConfig.cmake INSTALL_DESTINATION ${package}
                              PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(writConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(FILES ${archive} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sdk)
install(DIRECTORY include/writ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sdk)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/writConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/writConfigVersion.cmake
        DESTINATION ${package} COMPONENT sdk)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/sdk COMPONENT sdk)

# Tests of what is installed, in a place of their own.
set(prefix ${CMAKE_BINARY_DIR}/sdk/prefix)
add_test(NAME sdk_install
         COMMAND ${CMAKE_COMMAND} --install ${CMAKE_BINARY_DIR} --component sdk --prefix ${prefix})
set_tests_properties(sdk_install PROPERTIES FIXTURES_SETUP sdk_prefix)
add_test(NAME sdk_foreign COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tests/foreign.sh ${prefix}
                                  ${CMAKE_CURRENT_BINARY_DIR}/foreign)
# What is sanitised here must be there, too.
string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
set(WRIT_FOREIGN_FLAGS "CXXFLAGS=${CMAKE_CXX_FLAGS_${type}}" PARENT_SCOPE)
set_tests_properties(sdk_foreign PROPERTIES
                     FIXTURES_REQUIRED sdk_prefix TIMEOUT 300
                     ENVIRONMENT "CXXFLAGS=${CMAKE_CXX_FLAGS_${type}}")
