# Read by the build and by the installed package, so that both say it the same way.
#
# Results are promised to the bit, which needs a * b + c to stay two operations where it is written
# so. NOTE: the flag reaches the code of whoever links attractornet::attractornet; a project that
# prefers its compiler's own choice sets ATTRACTORNET_STRICT_FP to OFF before it looks for the
# package, and has the same results within rounding.
option(ATTRACTORNET_STRICT_FP "Compile users of attractornet with -ffp-contract=off" ON)
set(ATTRACTORNET_STRICT_FP_FLAGS "")
if(ATTRACTORNET_STRICT_FP)
  set(ATTRACTORNET_STRICT_FP_FLAGS
      "$<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>:-ffp-contract=off>")
endif()
