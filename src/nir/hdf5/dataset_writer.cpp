#include "nir/hdf5/dataset_writer.hpp"

#include <algorithm>

namespace neurocuda::nir::hdf5 {
namespace {

// Below this gzip and a chunk index cost more than they save.
constexpr std::int64_t kCompressFrom = 1024;
constexpr std::int64_t kChunkElements = std::int64_t{1} << 18;
constexpr unsigned kGzipLevel = 4;

Datatype utf8_string() {
  Datatype type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

std::vector<hsize_t> extents(const Shape& shape) { return {shape.begin(), shape.end()}; }

Dataspace space_of(const Shape& shape) {
  if (shape.empty()) return Dataspace(H5Screate(H5S_SCALAR));
  const auto dims = extents(shape);
  return Dataspace(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr));
}

// Whole rows of the outermost axis, so that a chunk is one contiguous piece of the array.
std::vector<hsize_t> chunk_of(const Shape& shape) {
  auto dims = extents(shape);
  const std::int64_t row = std::max<std::int64_t>(1, element_count(shape) / std::max<std::int64_t>(1, shape[0]));
  dims[0] = static_cast<hsize_t>(std::clamp<std::int64_t>(kChunkElements / row, 1, shape[0]));
  return dims;
}

PropertyList creation_properties(const Shape& shape) {
  PropertyList list(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_obj_track_times(list.get(), false);  // a time stamp would make two writes differ
  if (!shape.empty() && element_count(shape) >= kCompressFrom) {
    const auto chunk = chunk_of(shape);
    H5Pset_chunk(list.get(), static_cast<int>(chunk.size()), chunk.data());
    H5Pset_deflate(list.get(), kGzipLevel);
  }
  return list;
}

bool write_values(const Group& parent, const std::string& name, const Shape& shape, hid_t stored, hid_t memory,
                  const void* data) {
  const Dataspace space = space_of(shape);
  const PropertyList properties = creation_properties(shape);
  const Dataset dataset(
      H5Dcreate2(parent.get(), name.c_str(), stored, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
  if (!dataset) return false;
  return element_count(shape) == 0 || H5Dwrite(dataset.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0;
}

struct Writer {
  const Group& parent;
  const std::string& name;
  const Shape& shape;

  bool operator()(const std::vector<float>& v) const {
    return write_values(parent, name, shape, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, v.data());
  }
  bool operator()(const std::vector<double>& v) const {
    return write_values(parent, name, shape, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, v.data());
  }
  bool operator()(const std::vector<std::int64_t>& v) const {
    return write_values(parent, name, shape, H5T_STD_I64LE, H5T_NATIVE_INT64, v.data());
  }
  bool operator()(const std::vector<std::string>& v) const {
    std::vector<const char*> pointers;
    for (const std::string& text : v) pointers.push_back(text.c_str());
    const Datatype type = utf8_string();
    return write_values(parent, name, shape, type.get(), type.get(), static_cast<const void*>(pointers.data()));
  }
};

}  // namespace

bool write_dataset(const Group& parent, const std::string& name, const Array& array) {
  return std::visit(Writer{parent, name, array.shape}, array.values);
}

}  // namespace neurocuda::nir::hdf5
