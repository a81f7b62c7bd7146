# Levels of the instruction set. Their names, and how a machine's is found, are the loader's.

# The highest level that this machine runs; for another machine, what every one of its kind runs.
function(attractornet_native_level result)
  if(CMAKE_CROSSCOMPILING)
    set(${result} generic PARENT_SCOPE)
    return()
  endif()
  execute_process(
    COMMAND "${Python_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/python/attractornet/_loader.py"
    OUTPUT_VARIABLE level OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(${result} ${level} PARENT_SCOPE)
endfunction()

# Compile a target for a level.
function(attractornet_target_level target level)
  if(level MATCHES "^x86-64-v[234]$")
    target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:-march=${level}>")
  elseif(NOT level STREQUAL "generic")
    message(FATAL_ERROR "ATTRACTORNET_ISA_LEVELS: '${level}' is not x86-64-v2, x86-64-v3, "
                        "x86-64-v4 or generic")
  endif()
  target_compile_definitions(${target} PRIVATE ATTRACTORNET_ISA_LEVEL="${level}")
endfunction()
