find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)

# Data sets: images and numpy's archives. By hand, as the packages of some distributions name programs that they lack.
find_package(PNG REQUIRED)
find_library(NEUROCUDA_TURBOJPEG turbojpeg REQUIRED)
find_path(NEUROCUDA_TURBOJPEG_INCLUDE turbojpeg.h REQUIRED)
find_library(NEUROCUDA_ZIP zip REQUIRED)
find_path(NEUROCUDA_ZIP_INCLUDE zip.h REQUIRED)

if(NEUROCUDA_CUDA)
  # Machine code for A100 (sm_80) and H100/H200 (sm_90); newer devices compile the PTX of sm_90 at their first start.
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80-real 90)
  endif()
  if(NEUROCUDA_NVCC AND NOT CMAKE_CUDA_COMPILER)
    set(CMAKE_CUDA_COMPILER ${NEUROCUDA_NVCC})
  endif()
  enable_language(CUDA)
  set(CMAKE_CUDA_STANDARD 17)  # CMake 3.25 does not know nvcc's option for 20, and kernels do not need it
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  if(CCACHE)
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE})
  endif()
  find_package(CUDAToolkit REQUIRED)
endif()

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
  # libtorch of the torch wheel of the interpreter that the package is built for, of .venv, or of the first on the path.
  # -E looks past the isolated environment in which pip builds, to the torch that is installed.
  if(NOT Torch_DIR)
    set(_pythons "${PROJECT_SOURCE_DIR}/.venv/bin/python" python3)
    if(Python_EXECUTABLE)
      list(PREPEND _pythons "${Python_EXECUTABLE} -E" "${Python_EXECUTABLE}")
    endif()
    foreach(_python IN LISTS _pythons)
      separate_arguments(_python)
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
