# What an installed prefix holds; a wheel holds the same under attractornet/, which is then the prefix.
include(CMakePackageConfigHelpers)
if(SKBUILD)
  set(CMAKE_INSTALL_LIBDIR lib)  # the loader of `--cmake-dir` looks there, on every system
endif()
include(GNUInstallDirs)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/attractornet)
set(eigen_dir ${CMAKE_INSTALL_INCLUDEDIR}/attractornet/third_party/eigen)

install(DIRECTORY cpp/include/attractornet "${PROJECT_BINARY_DIR}/include/attractornet"
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
# Eigen/ only: unsupported/ is neither used nor offered.
install(DIRECTORY "${ATTRACTORNET_EIGEN_INCLUDE_DIR}/Eigen" DESTINATION ${eigen_dir})
install(FILES third_party/eigen/COPYING.MPL2 third_party/eigen/COPYING.APACHE
        DESTINATION ${eigen_dir})

install(TARGETS attractornet EXPORT attractornetTargets INCLUDES
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT attractornetTargets NAMESPACE attractornet:: DESTINATION ${package_dir})
configure_package_config_file(
  cpp/cmake/attractornetConfig.cmake.in attractornetConfig.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS eigen_dir NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(attractornetConfigVersion.cmake COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/attractornetConfig.cmake"
              "${PROJECT_BINARY_DIR}/attractornetConfigVersion.cmake" cpp/cmake/strict_fp.cmake
        DESTINATION ${package_dir})
