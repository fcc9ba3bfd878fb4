#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "nir/hdf5/image.hpp"

namespace neurocuda::nir::hdf5 {

/// The kinds of header message that are looked at (HDF5 file format specification 3.0, IV.A.2).
enum class MessageType : std::uint16_t {
  dataspace = 0x01,
  link_info = 0x02,
  datatype = 0x03,
  link = 0x06,
  external_files = 0x07,
  layout = 0x08,
  filters = 0x0B,
  continuation = 0x10,
  symbol_table = 0x11,
};

struct Message {
  MessageType type;
  bool shared = false;  ///< its content lies in another object
  Bytes content;
};

/// The messages of one group or dataset, continuation blocks included.
class ObjectHeader {
 public:
  ObjectHeader(const Image& image, std::uint64_t address, std::string_view object);

  bool has(MessageType type) const { return find(type) != nullptr; }
  /// Null when there is none.
  const Message* find(MessageType type) const;
  /// The content of a message that must be there.
  Bytes require(const Image& image, MessageType type, std::string_view object) const;

 private:
  std::vector<Message> messages_;
};

}  // namespace neurocuda::nir::hdf5
