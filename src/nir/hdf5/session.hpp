#pragma once

#include <hdf5.h>

#include <mutex>

namespace neurocuda::nir::hdf5 {

/// Exclusive use of the HDF5 library, which is not thread-safe in every build, with its own error printing switched
/// off: failed calls become UserErrors instead. Only writing needs one.
class Session {
 public:
  Session();
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

}  // namespace neurocuda::nir::hdf5
