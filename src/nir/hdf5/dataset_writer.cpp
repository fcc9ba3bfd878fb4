#include "nir/hdf5/dataset_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <span>

#include "nir/hdf5/chunk_packer.hpp"

namespace neurocuda::nir::hdf5 {
namespace {

// Below this gzip and a chunk index cost more than they save.
constexpr std::int64_t kCompressFrom = 1024;
constexpr std::int64_t kChunkElements = std::int64_t{1} << 18;
constexpr unsigned kGzipLevel = 4;  // only noted in the file: pack_chunk does the work

static_assert(std::endian::native == std::endian::little, "chunks are written as they lie in memory");

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

bool is_chunked(const Shape& shape) { return !shape.empty() && element_count(shape) >= kCompressFrom; }

PropertyList creation_properties(const Shape& shape, bool chunked) {
  PropertyList list(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_obj_track_times(list.get(), false);  // a time stamp would make two writes differ
  if (chunked) {
    const auto chunk = chunk_of(shape);
    H5Pset_chunk(list.get(), static_cast<int>(chunk.size()), chunk.data());
    H5Pset_shuffle(list.get());
    H5Pset_deflate(list.get(), kGzipLevel);
  }
  return list;
}

// Every chunk is whole; behind the last row come zeros, which no reader sees.
bool write_chunks(const Dataset& dataset, const Shape& shape, std::span<const std::byte> data,
                  std::size_t element_bytes) {
  const auto chunk = chunk_of(shape);
  const std::size_t row_bytes = data.size() / static_cast<std::size_t>(shape[0]);
  std::vector<std::byte> rows(row_bytes * chunk[0]);
  std::vector<hsize_t> offset(shape.size(), 0);
  for (; offset[0] < static_cast<hsize_t>(shape[0]); offset[0] += chunk[0]) {
    const auto rest = data.subspan(offset[0] * row_bytes);
    const std::size_t taken = std::min(rest.size(), rows.size());
    std::memcpy(rows.data(), rest.data(), taken);
    std::fill(rows.begin() + static_cast<std::ptrdiff_t>(taken), rows.end(), std::byte{0});
    const auto packed = pack_chunk(rows, element_bytes);
    constexpr std::uint32_t kAllFilters = 0;
    if (packed.empty() ||
        H5Dwrite_chunk(dataset.get(), H5P_DEFAULT, kAllFilters, offset.data(), packed.size(), packed.data()) < 0) {
      return false;
    }
  }
  return true;
}

Dataset create(const Group& parent, const std::string& name, const Shape& shape, hid_t type, bool chunked) {
  const Dataspace space = space_of(shape);
  const PropertyList properties = creation_properties(shape, chunked);
  return Dataset(H5Dcreate2(parent.get(), name.c_str(), type, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
}

template <class T>
bool write_numbers(const Group& parent, const std::string& name, const Shape& shape, hid_t type,
                   const std::vector<T>& values) {
  const Dataset dataset = create(parent, name, shape, type, is_chunked(shape));
  if (!dataset) return false;
  if (values.empty()) return true;
  if (is_chunked(shape)) return write_chunks(dataset, shape, std::as_bytes(std::span(values)), sizeof(T));
  return H5Dwrite(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0;
}

struct Writer {
  const Group& parent;
  const std::string& name;
  const Shape& shape;

  bool operator()(const std::vector<float>& v) const { return write_numbers(parent, name, shape, H5T_IEEE_F32LE, v); }
  bool operator()(const std::vector<double>& v) const { return write_numbers(parent, name, shape, H5T_IEEE_F64LE, v); }
  bool operator()(const std::vector<std::int64_t>& v) const {
    return write_numbers(parent, name, shape, H5T_STD_I64LE, v);
  }
  bool operator()(const std::vector<std::string>& v) const {
    std::vector<const char*> pointers;
    for (const std::string& text : v) pointers.push_back(text.c_str());
    const Datatype type = utf8_string();
    const Dataset dataset = create(parent, name, shape, type.get(), false);
    if (!dataset) return false;
    return v.empty() || H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                                 static_cast<const void*>(pointers.data())) >= 0;
  }
};

}  // namespace

bool write_dataset(const Group& parent, const std::string& name, const Array& array) {
  return std::visit(Writer{parent, name, array.shape}, array.values);
}

}  // namespace neurocuda::nir::hdf5
