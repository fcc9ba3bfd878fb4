# neurocuda_add_part(<part> [parts and libraries it uses...])
# The library neurocuda-<part> from every .cpp below src/<part>, with include/neurocuda/<part> as its public headers.
# Folders that hold one alternative of several (an absent backend, an instruction set) list their own sources and are
# left out here by EXCLUDE, a regular expression on the path.
function(neurocuda_add_part part)
  cmake_parse_arguments(ARG "" "" "PUBLIC;PRIVATE;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(pattern IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  if(NOT sources)
    message(WARNING "src/${part} has no sources")
    add_library(neurocuda-${part} INTERFACE)
    return()
  endif()
  add_library(neurocuda-${part} STATIC ${sources})
  target_include_directories(neurocuda-${part} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(neurocuda-${part} PUBLIC ${ARG_PUBLIC} PRIVATE neurocuda-flags ${ARG_PRIVATE})
endfunction()

# neurocuda_add_test(<name> SOURCES... LINK...): one GoogleTest program, its cases in ctest.
function(neurocuda_add_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_SOURCES)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} neurocuda-flags GTest::gtest_main GTest::gmock)
  if(TARGET neurocuda-test-support)
    target_link_libraries(${name} PRIVATE neurocuda-test-support)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
endfunction()

# neurocuda_use_torch(<target>): a part, or a test of one, that sees libtorch's headers. They are slow to compile, so they
# are compiled once for the parts and once for the tests (which are not position-independent in the same way).
function(neurocuda_use_torch target)
  target_link_libraries(${target} PRIVATE torch)
  # libtorch's include folder brings an {fmt} of its own, newer than the system's and found first; its compiled half
  # lies in no library.
  target_compile_definitions(${target} PRIVATE FMT_HEADER_ONLY)
  # The same results whatever the instruction set, and loops with comparisons become vector code (neurons/simd_clones.hpp).
  target_compile_options(${target} PRIVATE -ffp-contract=off -fno-trapping-math -fno-math-errno)
  set(first neurocuda-neurons)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL EXECUTABLE)
    set(first test_neurons)
  endif()
  if(target STREQUAL first)
    target_precompile_headers(${target} PRIVATE <torch/types.h> <torch/autograd.h> <torch/cuda.h> <torch/utils.h>)
  else()
    target_precompile_headers(${target} REUSE_FROM ${first})
  endif()
endfunction()
