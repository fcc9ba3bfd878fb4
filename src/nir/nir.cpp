#include "neurocuda/nir/nir.hpp"

#include "neurocuda/base/file.hpp"
#include "nir/hdf5/image.hpp"
#include "nir/hdf5/tree_file.hpp"
#include "nir/native/native.hpp"

namespace neurocuda::nir {

program::Program parse(std::span<const std::uint8_t> bytes, std::string_view origin) {
  return native::program_of(graph_from(hdf5::read_tree(bytes, origin), origin), origin);
}

void write(const program::Program& program, const std::filesystem::path& path) {
  program::validate(program);
  write_file(path, hdf5::to_bytes(to_tree(native::graph_of(program, path.string())), path.string()));
}

program::Program read(const std::filesystem::path& path) {
  return parse(read_file(path, hdf5::kMaxBytes), path.string());
}

}  // namespace neurocuda::nir
