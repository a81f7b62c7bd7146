# Defines Eigen3::Eigen, unless the enclosing project has, and ATTRACTORNET_EIGEN_INCLUDE_DIR. The
# order of the search, and why, is in README.md.

if(TARGET Eigen3::Eigen)
  get_target_property(ATTRACTORNET_EIGEN_INCLUDE_DIR Eigen3::Eigen INTERFACE_INCLUDE_DIRECTORIES)
  message(STATUS "Eigen: that of the enclosing project")
  return()
endif()

function(attractornet_find_eigen result)
  if(Python_EXECUTABLE)
    execute_process(
      COMMAND
        "${Python_EXECUTABLE}" -c
        "from importlib.metadata import distribution as d; print(d('cmeel-eigen').locate_file('cmeel.prefix'))"
      OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  foreach(folder IN ITEMS "${prefix}/include/eigen3" "${PROJECT_SOURCE_DIR}/third_party/eigen/include")
    if(EXISTS "${folder}/Eigen/Core")
      set(${result} "${folder}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

set(ATTRACTORNET_EIGEN_INCLUDE_DIR "")
attractornet_find_eigen(ATTRACTORNET_EIGEN_INCLUDE_DIR)
if(ATTRACTORNET_EIGEN_INCLUDE_DIR)
  add_library(Eigen3::Eigen INTERFACE IMPORTED GLOBAL)
  set_target_properties(Eigen3::Eigen PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
                                                 "${ATTRACTORNET_EIGEN_INCLUDE_DIR}")
else()
  find_package(Eigen3 3.4 CONFIG GLOBAL)
  if(NOT TARGET Eigen3::Eigen)
    message(FATAL_ERROR "No Eigen >= 3.4: pip install cmeel-eigen, or install libeigen3-dev")
  endif()
  get_target_property(ATTRACTORNET_EIGEN_INCLUDE_DIR Eigen3::Eigen INTERFACE_INCLUDE_DIRECTORIES)
endif()
message(STATUS "Eigen: ${ATTRACTORNET_EIGEN_INCLUDE_DIR}")

# Copies the Eigen that was found to where an sdist carries it.
function(attractornet_bundle_eigen)
  set(bundled "${PROJECT_SOURCE_DIR}/third_party/eigen/include")
  if(NOT ATTRACTORNET_EIGEN_INCLUDE_DIR STREQUAL bundled)
    file(REMOVE_RECURSE "${bundled}")
    file(COPY "${ATTRACTORNET_EIGEN_INCLUDE_DIR}/Eigen" DESTINATION "${bundled}")
  endif()
endfunction()
