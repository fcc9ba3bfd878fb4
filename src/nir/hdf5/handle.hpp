#pragma once

#include <hdf5.h>

#include <utility>

namespace neurocuda::nir::hdf5 {

/// Owns one HDF5 identifier and closes it with Close. Negative: the call that made it failed.
template <herr_t (*Close)(hid_t)>
class Handle {
 public:
  explicit Handle(hid_t id = -1) : id_(id) {}
  ~Handle() {
    if (id_ >= 0) Close(id_);
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }

  /// Closes now, for those that want to know whether it worked.
  bool close() { return Close(std::exchange(id_, -1)) >= 0; }

  hid_t get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_;
};

using File = Handle<H5Fclose>;
using Group = Handle<H5Gclose>;
using Dataset = Handle<H5Dclose>;
using Datatype = Handle<H5Tclose>;
using Dataspace = Handle<H5Sclose>;
using PropertyList = Handle<H5Pclose>;

}  // namespace neurocuda::nir::hdf5
