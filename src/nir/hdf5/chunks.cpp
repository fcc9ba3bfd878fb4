#include "nir/hdf5/chunks.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "nir/hdf5/b_tree.hpp"
#include "nir/hdf5/filters.hpp"

namespace neurocuda::nir::hdf5 {
namespace {

using Extents = std::vector<std::uint64_t>;

struct ChunkReader {
  Image& image;
  const std::vector<Filter>& filters;
  std::uint64_t element_bytes;
  std::string_view object;
  Extents shape;
  Extents chunk;
  std::uint64_t chunk_bytes = 0;
  std::vector<std::uint8_t> data;
  std::set<Extents> seen;

  std::uint64_t expected_chunks() const {
    std::uint64_t count = 1;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) count *= (shape[axis] + chunk[axis] - 1) / chunk[axis];
    return count;
  }

  void read(Bytes key, std::uint64_t address) {
    Cursor cursor(image, key, object);
    const std::uint32_t stored_bytes = cursor.u32();
    const std::uint32_t skipped = cursor.u32();
    Extents start;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      start.push_back(cursor.u64());
      if (start[axis] >= shape[axis] || start[axis] % chunk[axis] != 0) {
        image.damaged(object, "a chunk starts at {}, outside its grid", start[axis]);
      }
    }
    if (!seen.insert(start).second) image.damaged(object, "holds a chunk twice");
    image.take_work(chunk_bytes, object);
    const auto unpacked = unpack_chunk(image, image.at(address, stored_bytes, object), filters, skipped, chunk_bytes,
                                       element_bytes, object);
    copy(unpacked.data(), start, 0, 0);
  }

  // The part of the chunk that lies inside the dataset, one innermost row at a time. `offset` counts the elements of
  // the dataset up to this axis.
  const std::uint8_t* copy(const std::uint8_t* from, const Extents& start, std::size_t axis, std::uint64_t offset) {
    const std::uint64_t inside = std::min(chunk[axis], shape[axis] - start[axis]);
    offset = offset * shape[axis] + start[axis];
    if (axis + 1 == shape.size()) {
      std::memcpy(data.data() + offset * element_bytes, from, inside * element_bytes);
      return from + chunk[axis] * element_bytes;
    }
    std::uint64_t row = element_bytes;
    for (std::size_t inner = axis + 1; inner < shape.size(); ++inner) row *= chunk[inner];
    for (std::uint64_t i = 0; i < inside; ++i) copy(from + i * row, start, axis + 1, offset + i);
    return from + chunk[axis] * row;
  }
};

}  // namespace

std::vector<std::uint8_t> read_chunks(Image& image, const ChunkedLayout& layout, const std::vector<Filter>& filters,
                                      const Shape& shape, std::uint64_t element_bytes, std::string_view object) {
  ChunkReader reader{image, filters, element_bytes, object, {shape.begin(), shape.end()}, layout.chunk, 0, {}, {}};
  const auto elements = static_cast<std::uint64_t>(element_count(shape));
  if (elements == 0) return {};
  if (reader.shape.size() != reader.chunk.size()) image.damaged(object, "its chunks have another rank than its data");
  reader.chunk_bytes = element_bytes;
  for (std::size_t axis = 0; axis < reader.chunk.size(); ++axis) {
    // True of every dataset that cannot grow, and it bounds what all chunks together unpack to.
    if (reader.chunk[axis] < 1 || reader.chunk[axis] > reader.shape[axis]) {
      image.unsupported(object, "has chunks of extent {} in an axis of {}", reader.chunk[axis], reader.shape[axis]);
    }
    reader.chunk_bytes *= reader.chunk[axis];
  }
  reader.data.resize(elements * element_bytes);
  const std::uint64_t key_bytes = 8 + 8 * (reader.shape.size() + 1);
  if (layout.index != kUndefined) {
    walk_b_tree(image, layout.index, TreeKind::chunks, key_bytes, object,
                [&](Bytes key, std::uint64_t address) { reader.read(key, address); });
  }
  if (reader.seen.size() != reader.expected_chunks()) {
    image.damaged(object, "has {} of its {} chunks", reader.seen.size(), reader.expected_chunks());
  }
  return std::move(reader.data);
}

}  // namespace neurocuda::nir::hdf5
