#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "nir/hdf5/dataset_writer.hpp"
#include "nir/hdf5/session.hpp"
#include "nir/hdf5/tree_file.hpp"

namespace neurocuda::nir::hdf5 {
namespace {

constexpr std::size_t kGrowBytes = std::size_t{1} << 20;

// HDF5's default layout: what every reader of NIR files knows, ours included. The name is never looked up.
File create_in_memory() {
  const PropertyList access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
  H5Pset_fapl_core(access.get(), kGrowBytes, false);
  return File(H5Fcreate("in memory", H5F_ACC_TRUNC, H5P_DEFAULT, access.get()));
}

std::string image_of(const File& file) {
  if (H5Fflush(file.get(), H5F_SCOPE_GLOBAL) < 0) return {};
  const ssize_t bytes = H5Fget_file_image(file.get(), nullptr, 0);
  std::string image(static_cast<std::size_t>(std::max<ssize_t>(bytes, 0)), '\0');
  return H5Fget_file_image(file.get(), image.data(), image.size()) == bytes ? image : std::string();
}

void write_branch(const Group& group, const Tree& tree, const std::string& path, std::string_view origin) {
  for (const auto& [name, array] : tree.leaves) {
    if (!write_dataset(group, name, array)) fail("{}: {}/{}: HDF5 cannot store this dataset", origin, path, name);
  }
  for (const auto& [name, branch] : tree.branches) {
    const Group child(H5Gcreate2(group.get(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    if (!child) fail("{}: {}/{}: HDF5 cannot create this group", origin, path, name);
    write_branch(child, branch, fmt::format("{}/{}", path, name), origin);
  }
}

}  // namespace

std::string to_bytes(const Tree& tree, std::string_view origin) {
  const Session session;
  const File file = create_in_memory();
  ensure(static_cast<bool>(file), "HDF5 cannot make a file in memory");
  {
    const Group root(H5Gopen2(file.get(), "/", H5P_DEFAULT));
    write_branch(root, tree, "", origin);
  }
  std::string image = image_of(file);
  ensure(!image.empty(), "HDF5 does not give the file that it made in memory");
  return image;
}

}  // namespace neurocuda::nir::hdf5
