#include "neurocuda/base/error.hpp"
#include "nir/hdf5/dataset_writer.hpp"
#include "nir/hdf5/session.hpp"
#include "nir/hdf5/tree_file.hpp"

namespace neurocuda::nir::hdf5 {
namespace {

// HDF5's default layout: what every reader of NIR files knows, ours included.
File create(const std::filesystem::path& path) {
  const PropertyList access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
  return File(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()));
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

void write_tree(const Tree& tree, const std::filesystem::path& path, std::string_view origin) {
  const Session session;
  File file = create(path);
  if (!file) fail("{}: cannot be written; choose a folder that is writable", origin);
  {
    const Group root(H5Gopen2(file.get(), "/", H5P_DEFAULT));
    write_branch(root, tree, "", origin);
  }
  if (!file.close()) fail("{}: cannot be written; check that the disk has room", origin);
}

}  // namespace neurocuda::nir::hdf5
