# `make package`: a .deb of the one binary and its documentation. Library dependencies are read
# off the binary.
include(GNUInstallDirs)
if(TARGET writ)
  install(TARGETS writ RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT writ)
  install(FILES README.md LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT writ)

  set(CPACK_GENERATOR DEB)
  # The SDK is for `make install`.
  set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};writ;writ;/")
  set(CPACK_PACKAGE_NAME writ)
  set(CPACK_PACKAGE_CONTACT "The Writ maintainers <maintainers@writ.dev>")
  set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Makes implementation protocols executable")
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_RECOMMENDS bubblewrap)
  set(CPACK_DEBIAN_PACKAGE_SECTION devel)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_STRIP_FILES ON)
  include(CPack)
endif()
