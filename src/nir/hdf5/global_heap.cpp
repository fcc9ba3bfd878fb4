#include "nir/hdf5/global_heap.hpp"

#include <algorithm>

namespace neurocuda::nir::hdf5 {
namespace {

constexpr std::uint64_t kHeaderBytes = 16;
constexpr std::uint64_t kObjectPrefix = 16;

}  // namespace

const GlobalHeap::Collection& GlobalHeap::collection(std::uint64_t address, std::string_view object) {
  const auto [found, fresh] = collections_.try_emplace(address);
  if (!fresh) return found->second;
  image_.take_object(object);
  Cursor header(image_, image_.at(address, kHeaderBytes, object), object);
  header.expect("GCOL");
  header.skip(4);
  const std::uint64_t size = header.u64();
  if (size < kHeaderBytes) image_.damaged(object, "its text has a table of {} bytes", size);
  const Bytes all = image_.at(address, size, object);
  image_.take_work(size, object);
  Cursor cursor(image_, all.subspan(kHeaderBytes), object);
  while (cursor.left() >= kObjectPrefix) {
    const std::uint32_t index = cursor.u16();
    cursor.skip(6);
    const std::uint64_t bytes = cursor.u64();
    if (index == 0) break;  // the free space at the end
    image_.take_memory(sizeof(Collection::node_type) + sizeof(Collection::value_type) + 32, object);
    const Bytes content = cursor.take(bytes);
    cursor.skip(std::min(cursor.left(), (8 - bytes % 8) % 8));
    found->second.emplace(index, content);
  }
  return found->second;
}

std::string GlobalHeap::text(std::uint64_t address, std::uint32_t index, std::uint32_t length,
                             std::string_view object) {
  if (length == 0 || address == 0) return {};
  const Collection& objects = collection(address, object);
  const auto found = objects.find(index);
  if (found == objects.end() || found->second.size() < length) image_.damaged(object, "its text is not in its table");
  image_.take_memory(length, object);
  const Bytes content = found->second.first(length);
  return {content.begin(), std::find(content.begin(), content.end(), std::uint8_t{0})};
}

}  // namespace neurocuda::nir::hdf5
