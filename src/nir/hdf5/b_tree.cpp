#include "nir/hdf5/b_tree.hpp"

namespace neurocuda::nir::hdf5 {
namespace {

constexpr int kHighestLevel = 16;
constexpr std::uint64_t kHeaderBytes = 24;

struct Walk {
  Image& image;
  TreeKind kind;
  std::uint64_t key_bytes;
  std::string_view object;
  const std::function<void(Bytes, std::uint64_t)>& visit;

  // A child lies exactly one level below its parent, so that no cycle can be followed.
  void node(std::uint64_t address, int wanted_level) {
    image.take_object(object);
    Cursor header(image, image.at(address, kHeaderBytes, object), object);
    header.expect("TREE");
    if (header.u8() != static_cast<std::uint8_t>(kind)) image.damaged(object, "its index is of the wrong kind");
    const int level = header.u8();
    if (wanted_level >= 0 ? level != wanted_level : level > kHighestLevel) {
      image.damaged(object, "its index has a node of level {} at the wrong place", level);
    }
    const std::uint64_t entries = header.u16();
    Cursor body(image, image.at(address + kHeaderBytes, entries * (key_bytes + 8), object), object);
    for (std::uint64_t i = 0; i < entries; ++i) {
      const Bytes key = body.take(key_bytes);
      const std::uint64_t child = body.u64();
      if (level > 0) {
        node(child, level - 1);
      } else {
        visit(key, child);
      }
    }
  }
};

}  // namespace

void walk_b_tree(Image& image, std::uint64_t root, TreeKind kind, std::uint64_t key_bytes, std::string_view object,
                 const std::function<void(Bytes key, std::uint64_t address)>& visit) {
  Walk{image, kind, key_bytes, object, visit}.node(root, -1);
}

}  // namespace neurocuda::nir::hdf5
