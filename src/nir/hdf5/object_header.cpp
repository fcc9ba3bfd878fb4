#include "nir/hdf5/object_header.hpp"

#include <algorithm>

namespace neurocuda::nir::hdf5 {
namespace {

constexpr std::uint8_t kShared = 0x02;
constexpr std::uint64_t kMessagePrefix = 8;

}  // namespace

// Version 1: a prefix of 16 bytes, then messages; blocks that a continuation message points to hold messages only. The
// announced number of messages bounds the loop even when blocks point to themselves.
ObjectHeader::ObjectHeader(const Image& image, std::uint64_t address, std::string_view object) {
  Cursor prefix(image, image.at(address, 16, object), object);
  const int version = prefix.u8();
  if (version == 'O') image.unsupported(object, "its header has a newer HDF5 layout");
  if (version != 1) image.damaged(object, "its header has version {}", version);
  prefix.skip(1);
  int expected = prefix.u16();
  prefix.skip(4);
  std::vector<Bytes> blocks{image.at(address + 16, prefix.u32(), object)};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    Cursor block(image, blocks[i], object);
    for (; expected > 0 && block.left() >= kMessagePrefix; --expected) {
      Message message{static_cast<MessageType>(block.u16()), false, {}};
      const std::uint16_t size = block.u16();
      message.shared = (block.u8() & kShared) != 0;
      block.skip(3);
      message.content = block.take(size);
      if (message.type == MessageType::continuation) {
        Cursor where(image, message.content, object);
        const std::uint64_t at = where.u64();
        blocks.push_back(image.at(at, where.u64(), object));
      }
      messages_.push_back(message);
    }
  }
  if (expected != 0) image.damaged(object, "its header lacks {} messages", expected);
}

const Message* ObjectHeader::find(MessageType type) const {
  const auto found =
      std::find_if(messages_.begin(), messages_.end(), [type](const Message& message) { return message.type == type; });
  return found == messages_.end() ? nullptr : &*found;
}

Bytes ObjectHeader::require(const Image& image, MessageType type, std::string_view object) const {
  const Message* message = find(type);
  if (message == nullptr) image.damaged(object, "its header lacks message {}", static_cast<int>(type));
  if (message->shared) image.unsupported(object, "shares its type with other objects");
  return message->content;
}

}  // namespace neurocuda::nir::hdf5
