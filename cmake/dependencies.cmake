find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)

if(NEUROCUDA_NIR)
  enable_language(C)  # CMake's module compiles a C program against the library
  find_package(HDF5 REQUIRED COMPONENTS C)
  find_package(ZLIB REQUIRED)
endif()

if(NEUROCUDA_ONNX)
  # Before Torch, whose package otherwise defines an empty protobuf::libprotobuf.
  find_package(Protobuf REQUIRED)
  find_library(NEUROCUDA_ONNX_PROTO onnx_proto REQUIRED)
  find_path(NEUROCUDA_ONNX_INCLUDE onnx/onnx_pb.h REQUIRED)
endif()

if(NEUROCUDA_TORCH)
  # libtorch of the torch wheel in .venv, or of the interpreter that is first on the path.
  if(NOT Torch_DIR)
    set(_pythons "${PROJECT_SOURCE_DIR}/.venv/bin/python" python3)
    foreach(_python IN LISTS _pythons)
      execute_process(COMMAND ${_python} -c "import torch; print(torch.utils.cmake_prefix_path)"
                      OUTPUT_VARIABLE _torch_prefix OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE _failed)
      if(NOT _failed AND _torch_prefix)
        set(Torch_DIR "${_torch_prefix}/Torch" CACHE PATH "libtorch's CMake folder")
        break()
      endif()
    endforeach()
  endif()
  find_package(Torch QUIET)
  if(NOT Torch_FOUND)
    message(FATAL_ERROR "libtorch was not found: run scripts/quickstart.sh, or pip install torch==2.13.0, "
                        "or set Torch_DIR, or configure with -DNEUROCUDA_TORCH=OFF")
  endif()
endif()

if(NEUROCUDA_CLI)
  find_package(CLI11 REQUIRED)
endif()
if(NEUROCUDA_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
if(NEUROCUDA_BENCH)
  find_package(benchmark REQUIRED)
endif()
