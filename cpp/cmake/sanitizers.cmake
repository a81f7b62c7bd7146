# Instruments a target with the sanitizers of ATTRACTORNET_SANITIZE, which stop at the first finding.
function(attractornet_sanitize target)
  if(ATTRACTORNET_SANITIZE)
    list(JOIN ATTRACTORNET_SANITIZE "," names)
    target_compile_options(${target} PRIVATE -fsanitize=${names} -fno-sanitize-recover=all
                                             -fno-omit-frame-pointer -g)
    target_link_options(${target} PRIVATE -fsanitize=${names})
  endif()
endfunction()
