#include <algorithm>
#include <array>

#include "nir/hdf5/dataset_reader.hpp"
#include "nir/hdf5/group_reader.hpp"
#include "nir/hdf5/tree_file.hpp"

namespace neurocuda::nir::hdf5 {
namespace {

// The address of the root group's header. Superblock versions 0 and 1 are what HDF5 writes unless told otherwise.
std::uint64_t read_superblock(const Image& image, Bytes bytes) {
  constexpr std::array<std::uint8_t, 8> kSignature{0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
  if (bytes.size() < 96 || !std::equal(kSignature.begin(), kSignature.end(), bytes.begin())) {
    fail("{}: not an HDF5 file, or one that is cut short; a NIR file is wanted", image.origin());
  }
  Cursor cursor(image, bytes.subspan(kSignature.size()), "/");
  const int version = cursor.u8();
  if (version > 1) image.unsupported("/", "has the newer HDF5 superblock {}", version);
  cursor.skip(4);
  const int offset_bytes = cursor.u8();
  const int length_bytes = cursor.u8();
  if (offset_bytes != 8 || length_bytes != 8) image.unsupported("/", "has addresses of {} bytes", offset_bytes);
  cursor.skip(version == 0 ? 9 : 13);
  if (cursor.u64() != 0) image.unsupported("/", "does not start at its first byte");
  cursor.skip(8);
  const std::uint64_t end = cursor.u64();
  if (end > bytes.size()) image.damaged("/", "is cut short: {} of {} bytes", bytes.size(), end);
  cursor.skip(16);
  return cursor.u64();
}

class TreeReader {
 public:
  TreeReader(Image& image, const Wanted& wanted) : image_(image), heap_(image), wanted_(wanted) {}

  Tree group(const ObjectHeader& header, const std::string& path, int depth) {
    if (depth > kMaxDepth) image_.unsupported(path, "is nested deeper than {} groups", kMaxDepth);
    Tree tree;
    for (const auto& [name, address] : group_members(image_, header, path)) {
      if (tree.leaves.contains(name) || tree.branches.contains(name)) image_.damaged(path, "holds '{}' twice", name);
      member(name, address, path + "/" + name, depth, tree);
    }
    return tree;
  }

 private:
  void member(const std::string& name, std::uint64_t address, const std::string& path, int depth, Tree& into) {
    const ObjectHeader header(image_, address, path);
    if (header.has(MessageType::symbol_table)) {
      into.branches.emplace(name, group(header, path, depth + 1));
    } else if (header.has(MessageType::layout)) {
      into.leaves.emplace(name, read_dataset(image_, heap_, header, path, wanted_));
    } else {
      image_.unsupported(path, "is neither a dataset nor a group of the plain kind");
    }
  }

  Image& image_;
  GlobalHeap heap_;
  const Wanted& wanted_;
};

}  // namespace

bool is_small(const Shape& shape, bool is_text) {
  constexpr std::int64_t kFewNumbers = 512, kMostTexts = 2 * kMaxObjects;
  return element_count(shape) <= (is_text ? kMostTexts : kFewNumbers);
}

Tree read_tree(std::span<const std::uint8_t> bytes, std::string_view origin, const Wanted& wanted) {
  Image image(bytes, origin);
  const ObjectHeader root(image, read_superblock(image, bytes), "/");
  return TreeReader(image, wanted).group(root, "", 0);
}

}  // namespace neurocuda::nir::hdf5
