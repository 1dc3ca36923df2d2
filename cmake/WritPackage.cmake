# `make package`: a .deb of the one binary and its documentation.
include(GNUInstallDirs)
if(TARGET writ)
  install(TARGETS writ RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
