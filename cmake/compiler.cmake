set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# Warnings for our own code only; dependencies are SYSTEM includes.
add_library(neurocuda-flags INTERFACE)
set(_cxx "$<COMPILE_LANGUAGE:CXX>")
target_compile_options(neurocuda-flags INTERFACE $<${_cxx}:-Wall> $<${_cxx}:-Wextra> $<${_cxx}:-Wshadow>
  $<${_cxx}:-Wno-sign-compare>)
# Float results must not depend on how an expression was contracted: equality across machines is the point.
target_compile_options(neurocuda-flags INTERFACE $<${_cxx}:-ffp-contract=off>)
set(_host "$<COMPILE_LANGUAGE:C,CXX>")
if(NEUROCUDA_SANITIZE STREQUAL "address")
  add_compile_options($<${_host}:-fsanitize=address,undefined> $<${_host}:-fno-sanitize-recover=undefined>
    $<${_host}:-fno-omit-frame-pointer>)
  add_link_options(-fsanitize=address,undefined)
elseif(NEUROCUDA_SANITIZE STREQUAL "thread")
  # The two cannot be combined: each replaces the program's view of its memory.
  add_compile_options($<${_host}:-fsanitize=thread> $<${_host}:-fno-omit-frame-pointer>)
  add_link_options(-fsanitize=thread)
endif()
if(NEUROCUDA_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "NEUROCUDA_FUZZ needs clang: configure with --preset fuzz, or set CMAKE_CXX_COMPILER")
  endif()
  # All parts, not only the targets: libFuzzer is guided by the branches that the parsers take.
  add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-fsanitize=fuzzer-no-link>)
endif()
