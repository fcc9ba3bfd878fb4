#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/gpu/kernel.hpp"

namespace neurocuda::runtime::gpu {

/// What plans have to know of a device.
struct DeviceLimits {
  int shared_bytes = 0;  ///< shared memory of one block
  int multiprocessors = 1;
};

/// The device as GpuExecutable uses it: memory, copies and kernels in two queues ("streams"), each in order. Everything
/// but synchronize() and the allocations may return before the work is done. Every function throws UserError or
/// InternalError, in one line, when the device refuses; those marked noexcept say nothing.
class Device {
 public:
  /// Kernels made ready to be launched again and again, in order.
  class Sequence {
   public:
    virtual ~Sequence() = default;
  };

  static constexpr int kStreams = 2;

  virtual ~Device() = default;
  /// "NVIDIA H200 (sm_90)"
  virtual std::string name() const = 0;
  virtual DeviceLimits limits() const = 0;
  virtual std::size_t free_bytes() = 0;
  /// To be called by a thread before anything else.
  virtual void use() = 0;

  virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) noexcept = 0;
  /// Host memory that copies can be made from and to while kernels run.
  virtual void* allocate_pinned(std::size_t bytes) = 0;
  virtual void release_pinned(void* memory) noexcept = 0;

  virtual void upload(int stream, void* to, const void* from, std::size_t bytes) = 0;
  virtual void download(int stream, void* to, const void* from, std::size_t bytes) = 0;
  virtual void clear(int stream, void* memory, std::size_t bytes) = 0;
  virtual void launch(int stream, const Kernel& kernel) = 0;
  /// What is recorded is not run; replay() runs it, with one launch instead of many.
  virtual std::unique_ptr<Sequence> record(int stream, const std::vector<Kernel>& kernels) = 0;
  virtual void replay(int stream, const Sequence& sequence) = 0;
  /// Until both streams are empty.
  virtual void synchronize() = 0;
  virtual void drain() noexcept = 0;
};

/// Memory that goes back where it came from.
class Memory {
 public:
  enum class Kind { device, pinned };
  Memory() = default;
  Memory(Device& device, Kind kind, std::size_t bytes)
      : device_(&device),
        kind_(kind),
        bytes_(bytes),
        data_(kind == Kind::device ? device.allocate(bytes) : device.allocate_pinned(bytes)) {}
  ~Memory() {
    if (data_ == nullptr) return;
    kind_ == Kind::device ? device_->release(data_) : device_->release_pinned(data_);
  }
  Memory(Memory&& other) noexcept { swap(other); }
  Memory& operator=(Memory&& other) noexcept {
    swap(other);
    return *this;
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  char* data() const { return static_cast<char*>(data_); }
  std::size_t bytes() const { return bytes_; }

 private:
  void swap(Memory& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(kind_, other.kind_);
    std::swap(bytes_, other.bytes_);
    std::swap(data_, other.data_);
  }

  Device* device_ = nullptr;
  Kind kind_ = Kind::device;
  std::size_t bytes_ = 0;
  void* data_ = nullptr;
};

/// Pinned memory of at least so many bytes; what was in it is lost where it grows.
inline char* grown(Memory& pinned, Device& device, std::size_t bytes) {
  if (pinned.bytes() < bytes) {
    pinned = Memory();
    pinned = Memory(device, Memory::Kind::pinned, bytes);
  }
  return pinned.data();
}

}  // namespace neurocuda::runtime::gpu
