# What `cmake --install` puts where: libprecess with its headers, and the two ways for another program to find it.  The
# programs, the energy tables and what a Verilated array is made from are installed by their own rooms.
include(CMakePackageConfigHelpers)

install(TARGETS precess EXPORT precessTargets ARCHIVE INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/precess)

# Includes are rooted at the tree's top, here at include/precess.
install(DIRECTORY models workloads energy DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/precess
  FILES_MATCHING PATTERN "*.h" PATTERN "*.def" PATTERN "*internal.h" EXCLUDE)

set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/precess)
install(EXPORT precessTargets NAMESPACE precess:: DESTINATION ${cmake_dir})
configure_package_config_file(cmake/precessConfig.cmake.in precessConfig.cmake INSTALL_DESTINATION ${cmake_dir})
write_basic_package_version_file(precessConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/precessConfig.cmake ${PROJECT_BINARY_DIR}/precessConfigVersion.cmake
  DESTINATION ${cmake_dir})

configure_file(cmake/precess.pc.in precess.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/precess.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
