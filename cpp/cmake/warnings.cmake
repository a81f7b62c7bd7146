# Warnings for what is built here; users of the headers keep their own.
function(attractornet_warnings target)
  # psabi: packs wider than a register are passed by value, but never across a library's border.
  # missing-field-initializers: {.tau = 1} leaves the rest at their defaults, and that is the idiom.
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wno-psabi -Wno-missing-field-initializers
                                           $<$<BOOL:${ATTRACTORNET_WERROR}>:-Werror>)
  # g++ suspects its own AVX-512 intrinsics wherever Eigen uses them; before 13 it is sure of it.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      target_compile_options(${target} PRIVATE -Wno-uninitialized)
    endif()
  endif()
endfunction()
