# Headers that nearly every file reads, compiled once; a file includes what it uses all the same. The targets of a kind
# share them: parts (position-independent code), parts with libtorch, tests, tests with libtorch.
set(NEUROCUDA_COMMON_HEADERS <fmt/format.h> <algorithm> <array> <cmath> <cstdint> <filesystem> <fstream> <functional> <map>
    <memory> <optional> <set> <span> <string> <tuple> <utility> <variant> <vector>)
# libtorch without its modules, optimizers and data loaders: see neurons/libtorch.hpp.
set(NEUROCUDA_TORCH_HEADERS <torch/types.h> <torch/autograd.h> <torch/cuda.h> <torch/utils.h>)

# neurocuda_precompile(<target> <first> <headers>...): by <first>, the target of its kind that compiles them for all.
function(neurocuda_precompile target first)
  if(target STREQUAL first)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${first})
  endif()
endfunction()

# neurocuda_compile_together(<target>): files whose headers and templates take longer than their own text, eight at a time.
# Names in their unnamed namespaces must then differ.
function(neurocuda_compile_together target)
  if(NEUROCUDA_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
endfunction()

# neurocuda_compile_lightly(<target>): code that calls libraries and has no loop of its own that anybody waits for.
function(neurocuda_compile_lightly target)
  target_compile_options(${target} PRIVATE $<$<AND:$<CONFIG:Release>,$<COMPILE_LANGUAGE:CXX>>:-O1>)
endfunction()

# neurocuda_add_part(<part> [TORCH] [parts and libraries it uses...])
# The library neurocuda-<part> from every .cpp below src/<part>, with include/neurocuda/<part> as its public headers.
# TORCH: it sees libtorch.
# Folders that hold one alternative of several (an absent backend, an instruction set) list their own sources and are
# left out here by EXCLUDE, a regular expression on the path.
function(neurocuda_add_part part)
  cmake_parse_arguments(ARG "TORCH" "" "PUBLIC;PRIVATE;EXCLUDE" ${ARGN})
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
  if(ARG_TORCH)
    neurocuda_see_torch(neurocuda-${part})
    neurocuda_precompile(neurocuda-${part} neurocuda-neurons ${NEUROCUDA_TORCH_HEADERS})
    neurocuda_compile_together(neurocuda-${part})
  else()
    neurocuda_precompile(neurocuda-${part} neurocuda-base ${NEUROCUDA_COMMON_HEADERS})
  endif()
endfunction()

# neurocuda_add_test(<name> [TORCH] SOURCES... LINK...): one GoogleTest program, its cases in ctest. TORCH: it sees libtorch.
function(neurocuda_add_test name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_SOURCES)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} neurocuda-flags GTest::gtest_main GTest::gmock)
  if(TARGET neurocuda-test-support)
    target_link_libraries(${name} PRIVATE neurocuda-test-support)
  endif()
  if(ARG_TORCH)
    neurocuda_see_torch(${name})
    neurocuda_precompile(${name} test_neurons ${NEUROCUDA_TORCH_HEADERS} <gtest/gtest.h>)
  else()
    neurocuda_precompile(${name} test_base ${NEUROCUDA_COMMON_HEADERS} <gmock/gmock.h>)
  endif()
  neurocuda_compile_together(${name})
  neurocuda_compile_lightly(${name})
  set(timeout 300)
  if(NEUROCUDA_SANITIZE STREQUAL "thread")
    set(timeout 1500)  # ten times as slow, and more
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT ${timeout})
endfunction()

# neurocuda_see_torch(<target>): libtorch's headers and library.
function(neurocuda_see_torch target)
  target_link_libraries(${target} PRIVATE torch)
  # libtorch's include folder brings an {fmt} of its own, newer than the system's and found first; its compiled half
  # lies in no library.
  target_compile_definitions(${target} PRIVATE FMT_HEADER_ONLY)
  # The same results whatever the instruction set, and loops with comparisons become vector code (neurons/simd_clones.hpp).
  target_compile_options(${target} PRIVATE -ffp-contract=off -fno-trapping-math -fno-math-errno)
endfunction()
