#include "runtime/cuda/cuda_device.hpp"

#include "runtime/cuda/check.hpp"
#include "runtime/cuda/graph.hpp"
#include "runtime/cuda/launch.hpp"

namespace neurocuda::runtime::cuda {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;

void check_memory(cudaError_t error, std::size_t bytes, const char* where) {
  if (error != cudaErrorMemoryAllocation) return check(error, "an allocation");
  cudaGetLastError();
  fail(
      "gpu: out of memory: {:.1f} MiB of {} memory could not be had; run fewer images at a time or choose the target "
      "cpu",
      static_cast<double>(bytes) / kMiB, where);
}

/// CUDA allocates nothing for nothing.
std::size_t at_least_one(std::size_t bytes) { return bytes == 0 ? 1 : bytes; }

}  // namespace

CudaDevice::CudaDevice(int index) : index_(index) {
  use();
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, index_), "reading the device's properties");
  name_ = fmt::format("{} (sm_{}{})", properties.name, properties.major, properties.minor);
  limits_ = {attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin), attribute(cudaDevAttrMultiProcessorCount)};
  for (cudaStream_t& stream : streams_) {
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "creating a stream");
  }
}

CudaDevice::~CudaDevice() {
  cudaSetDevice(index_);
  for (cudaStream_t stream : streams_) {
    if (stream != nullptr) cudaStreamDestroy(stream);
  }
}

int CudaDevice::attribute(cudaDeviceAttr which) const {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, index_), "reading a device attribute");
  return value;
}

std::size_t CudaDevice::free_bytes() {
  std::size_t available = 0, total = 0;
  check(cudaMemGetInfo(&available, &total), "asking for the free memory");
  return available;
}

void CudaDevice::use() { check(cudaSetDevice(index_), "choosing the device"); }

void* CudaDevice::allocate(std::size_t bytes) {
  void* memory = nullptr;
  check_memory(cudaMalloc(&memory, at_least_one(bytes)), bytes, "device");
  return memory;
}

void CudaDevice::release(void* memory) noexcept { cudaFree(memory); }

void* CudaDevice::allocate_pinned(std::size_t bytes) {
  void* memory = nullptr;
  check_memory(cudaMallocHost(&memory, at_least_one(bytes)), bytes, "pinned host");
  return memory;
}

void CudaDevice::release_pinned(void* memory) noexcept { cudaFreeHost(memory); }

void CudaDevice::upload(int index, void* to, const void* from, std::size_t bytes) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream(index)), "a copy to the device");
}

void CudaDevice::download(int index, void* to, const void* from, std::size_t bytes) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream(index)), "a copy from the device");
}

void CudaDevice::clear(int index, void* memory, std::size_t bytes) {
  check(cudaMemsetAsync(memory, 0, bytes, stream(index)), "clearing device memory");
}

void CudaDevice::launch(int index, const gpu::Kernel& kernel) {
  check(cuda::launch(kernel, stream(index)), "launching a kernel");
}

std::unique_ptr<gpu::Device::Sequence> CudaDevice::record(int index, const std::vector<gpu::Kernel>& kernels) {
  return std::make_unique<Graph>(kernels, stream(index));
}

void CudaDevice::replay(int index, const Sequence& sequence) {
  static_cast<const Graph&>(sequence).launch(stream(index));
}

void CudaDevice::synchronize() {
  for (cudaStream_t stream : streams_) check(cudaStreamSynchronize(stream), "a kernel or copy");
}

void CudaDevice::drain() noexcept {
  cudaSetDevice(index_);
  for (cudaStream_t stream : streams_) cudaStreamSynchronize(stream);
  cudaGetLastError();
}

}  // namespace neurocuda::runtime::cuda
