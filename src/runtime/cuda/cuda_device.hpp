#pragma once

#include <cuda_runtime_api.h>

#include <array>

#include "runtime/gpu/device.hpp"

namespace neurocuda::runtime::cuda {

/// One NVIDIA GPU.
class CudaDevice : public gpu::Device {
 public:
  /// Throws UserError when CUDA cannot use device `index`.
  explicit CudaDevice(int index);
  ~CudaDevice() override;
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  std::string name() const override { return name_; }
  gpu::DeviceLimits limits() const override { return limits_; }
  std::size_t free_bytes() override;
  void use() override;

  void* allocate(std::size_t bytes) override;
  void release(void* memory) noexcept override;
  void* allocate_pinned(std::size_t bytes) override;
  void release_pinned(void* memory) noexcept override;

  void upload(int stream, void* to, const void* from, std::size_t bytes) override;
  void download(int stream, void* to, const void* from, std::size_t bytes) override;
  void clear(int stream, void* memory, std::size_t bytes) override;
  void launch(int stream, const gpu::Kernel& kernel) override;
  std::unique_ptr<Sequence> record(int stream, const std::vector<gpu::Kernel>& kernels) override;
  void replay(int stream, const Sequence& sequence) override;
  void synchronize() override;
  void drain() noexcept override;

 private:
  cudaStream_t stream(int index) const { return streams_[static_cast<std::size_t>(index)]; }
  int attribute(cudaDeviceAttr which) const;

  int index_;
  std::string name_;
  gpu::DeviceLimits limits_;
  std::array<cudaStream_t, kStreams> streams_{};
};

}  // namespace neurocuda::runtime::cuda
