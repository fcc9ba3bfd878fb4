#include "neurocuda/nir/nir.hpp"

#include <set>

#include "neurocuda/base/file.hpp"
#include "nir/hdf5/image.hpp"
#include "nir/hdf5/tree_file.hpp"
#include "nir/native/native.hpp"
#include "nir/native/needs.hpp"

namespace neurocuda::nir {

program::Program parse(std::span<const std::uint8_t> bytes, std::string_view origin) {
  // Twice: what large datasets may hold follows from the rest of the file, and packed ones take up to a thousand times
  // their bytes in memory.
  const auto small = [](std::string_view, const Shape& shape, bool is_text) { return hdf5::is_small(shape, is_text); };
  const Graph outline = graph_from(hdf5::read_tree(bytes, origin, small), origin);
  const std::set<std::string> needed = native::needed_datasets(outline, origin);
  const auto wanted = [&](std::string_view path, const Shape& shape, bool is_text) {
    return hdf5::is_small(shape, is_text) || (!is_text && needed.contains(std::string(path)));
  };
  return native::program_of(graph_from(hdf5::read_tree(bytes, origin, wanted), origin), origin);
}

void write(const program::Program& program, const std::filesystem::path& path) {
  program::validate(program);
  write_file(path, hdf5::to_bytes(to_tree(native::graph_of(program, path.string())), path.string()));
}

program::Program read(const std::filesystem::path& path) {
  return parse(read_file(path, hdf5::kMaxBytes), path.string());
}

}  // namespace neurocuda::nir
