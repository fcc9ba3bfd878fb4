#include "nir/hdf5/group_reader.hpp"

#include <algorithm>

#include "nir/hdf5/b_tree.hpp"

namespace neurocuda::nir::hdf5 {
namespace {

constexpr std::uint32_t kSymbolicLink = 2;
constexpr std::uint64_t kEntryBytes = 40;

// The names of a group, one after the other, each with a zero at its end.
class NameHeap {
 public:
  NameHeap(Image& image, std::uint64_t address, std::string_view object) : image_(image), object_(object) {
    Cursor header(image, image.at(address, 32, object), object);
    header.expect("HEAP");
    header.skip(4);
    const std::uint64_t size = header.u64();
    header.skip(8);
    names_ = image.at(header.u64(), size, object);
  }

  std::string at(std::uint64_t offset) const {
    if (offset >= names_.size()) image_.damaged(object_, "a name lies outside its table");
    const Bytes tail = names_.subspan(offset);
    const auto end = std::find(tail.begin(), tail.end(), std::uint8_t{0});
    if (end == tail.end()) image_.damaged(object_, "a name has no end");
    std::string name(tail.begin(), end);
    image_.take_memory(name.size() + 1, object_);
    if (name.empty() || name.find('/') != std::string::npos)
      image_.damaged(object_, "holds an object without a proper name");
    return name;
  }

 private:
  Image& image_;
  std::string_view object_;
  Bytes names_;
};

}  // namespace

std::vector<std::pair<std::string, std::uint64_t>> group_members(Image& image, const ObjectHeader& header,
                                                                 std::string_view object) {
  Cursor message(image, header.require(image, MessageType::symbol_table, object), object);
  const std::uint64_t tree = message.u64();
  const NameHeap names(image, message.u64(), object);
  std::vector<std::pair<std::string, std::uint64_t>> members;
  walk_b_tree(image, tree, TreeKind::group, 8, object, [&](Bytes, std::uint64_t address) {
    Cursor node(image, image.at(address, 8, object), object);
    node.expect("SNOD");
    node.skip(2);
    const std::uint64_t count = node.u16();
    Cursor entries(image, image.at(address + 8, count * kEntryBytes, object), object);
    for (std::uint64_t i = 0; i < count; ++i) {
      image.take_object(object);
      std::string name = names.at(entries.u64());
      const std::uint64_t target = entries.u64();
      if (entries.u32() == kSymbolicLink) image.unsupported(object, "'{}' is a link to another place", name);
      entries.skip(20);
      members.emplace_back(std::move(name), target);
    }
  });
  return members;
}

}  // namespace neurocuda::nir::hdf5
