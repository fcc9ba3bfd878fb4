#include <gtest/gtest.h>
#include <hdf5.h>

#include <functional>
#include <thread>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "nir/hdf5/handle.hpp"
#include "nir/hdf5/tree_file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::nir::hdf5 {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

std::vector<std::uint8_t> bytes_of(const Tree& tree) {
  const TemporaryFolder folder;
  write_file(folder / "tree.h5", to_bytes(tree, "tree.h5"));
  return read_file(folder / "tree.h5", 1 << 28);
}

template <class T>
Array counting(Shape shape) {
  std::vector<T> values(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(i) - static_cast<T>(7);
  return {std::move(shape), std::move(values)};
}

TEST(Hdf5Tree, ValuesOfAllTypesComeBack) {
  Tree tree;
  tree.leaves["scalar"] = Array::scalar(std::int64_t{-5});
  tree.leaves["real"] = Array::scalar(0.1);
  tree.leaves["text"] = Array::scalar(std::string("h\u00e9"));
  tree.leaves["empty text"] = Array::scalar(std::string());
  tree.leaves["none"] = {{0}, std::vector<double>{}};
  tree.leaves["names"] = {{2, 2}, std::vector<std::string>{"a", "", "ccc", std::string(70000, 'd')}};
  tree.branches["deep"].branches["deeper"].leaves["f"] = counting<float>({3, 2});
  tree.branches["empty"];
  EXPECT_EQ(read_tree(bytes_of(tree), "tree"), tree);
}

TEST(Hdf5Tree, LargeArraysInSeveralChunksComeBack) {
  Tree tree;
  tree.leaves["f32"] = counting<float>({700'001});
  tree.leaves["f64"] = counting<double>({513, 3, 401});
  tree.leaves["i64"] = counting<std::int64_t>({2, 300'000});
  EXPECT_EQ(read_tree(bytes_of(tree), "tree"), tree);
}

TEST(Hdf5Tree, GroupsWithManyMembersComeBack) {
  Tree tree;
  for (int i = 0; i < 3000; ++i) tree.leaves["value" + std::to_string(i)] = Array::scalar(std::int64_t{i});
  EXPECT_EQ(read_tree(bytes_of(tree), "tree"), tree);
}

TEST(Hdf5Tree, CompressibleDataIsNotTakenForABomb) {
  Tree tree;
  tree.leaves["zeros"] = {{1 << 22}, std::vector<float>(1 << 22)};
  EXPECT_EQ(read_tree(bytes_of(tree), "tree"), tree);
}

TEST(Hdf5Tree, IsReadFromSeveralThreads) {
  Tree tree;
  tree.leaves["f32"] = counting<float>({10'000});
  const auto bytes = bytes_of(tree);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { EXPECT_EQ(read_tree(bytes, "tree"), tree); });
  for (int i = 0; i < 4; ++i) bytes_of(tree);
  for (std::thread& thread : threads) thread.join();
}

// Files that the HDF5 library can make and NIR has no use for.
class ForeignHdf5 : public ::testing::Test {
 protected:
  void make(const std::function<void(hid_t)>& fill) {
    const PropertyList access(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V110);
    const File file(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()));
    fill(file.get());
  }
  // One dataset "d" of the stored type, with these creation properties.
  void make_dataset(hid_t type, std::vector<hsize_t> dims, hid_t properties = H5P_DEFAULT) {
    make([&](hid_t file) {
      const Dataspace space(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr));
      const Dataset dataset(H5Dcreate2(file, "d", type, space.get(), H5P_DEFAULT, properties, H5P_DEFAULT));
      ASSERT_TRUE(dataset);
    });
  }
  Tree read() { return read_tree(read_file(path_, 1 << 24), "foreign.h5"); }
  void refused(std::vector<std::string> parts) {
    parts.push_back("foreign.h5");
    expect_error<UserError>([&] { read(); }, parts);
  }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "foreign.h5";
};

TEST_F(ForeignHdf5, ManyNumberTypesAreRead) {
  make([](hid_t file) {
    const std::int64_t values[] = {1, 2, 200};
    const hsize_t dims[] = {3};
    const Dataspace space(H5Screate_simple(1, dims, nullptr));
    for (const auto& [name, type] : std::vector<std::pair<const char*, hid_t>>{
             {"i8", H5T_STD_I16LE}, {"u8", H5T_STD_U8LE}, {"i32", H5T_STD_I32LE}, {"u32", H5T_STD_U32LE}}) {
      const Dataset dataset(H5Dcreate2(file, name, type, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
      H5Dwrite(dataset.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    }
  });
  const Tree tree = read();
  ASSERT_EQ(tree.leaves.size(), 4U);
  for (const auto& [name, array] : tree.leaves) {
    EXPECT_EQ(array, (Array{{3}, std::vector<std::int64_t>{1, 2, 200}})) << name;
  }
}

TEST_F(ForeignHdf5, FixedTextIsRead) {
  make([](hid_t file) {
    const Datatype type(H5Tcopy(H5T_C_S1));
    H5Tset_size(type.get(), 6);
    const Dataspace space(H5Screate(H5S_SCALAR));
    const Dataset dataset(H5Dcreate2(file, "d", type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, "abc\0\0");
  });
  EXPECT_EQ(read().leaves.at("d"), Array::scalar(std::string("abc")));
}

TEST_F(ForeignHdf5, ShuffledEdgeChunksAreRead) {
  const PropertyList list(H5Pcreate(H5P_DATASET_CREATE));
  const hsize_t dims[] = {5, 7};
  const hsize_t chunk[] = {2, 3};
  H5Pset_chunk(list.get(), 2, chunk);
  H5Pset_shuffle(list.get());
  H5Pset_deflate(list.get(), 9);
  const Array expected = counting<double>({5, 7});
  make([&](hid_t file) {
    const Dataspace space(H5Screate_simple(2, dims, nullptr));
    const Dataset dataset(H5Dcreate2(file, "d", H5T_IEEE_F64LE, space.get(), H5P_DEFAULT, list.get(), H5P_DEFAULT));
    H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
             std::get<std::vector<double>>(expected.values).data());
  });
  EXPECT_EQ(read().leaves.at("d"), expected);
}

TEST_F(ForeignHdf5, OtherTypesAreRefused) {
  make_dataset(H5T_IEEE_F32BE, {2});
  refused({"/d", "little-endian"});
  make_dataset(H5T_NATIVE_OPAQUE, {2});
  refused({"/d", "class 5"});
  make_dataset(H5T_STD_U64LE, {2});
  refused({"/d", "unsigned"});
}

TEST_F(ForeignHdf5, HugeExtentsWithoutDataAreRefused) {
  make_dataset(H5T_IEEE_F32LE, {1ULL << 27});
  refused({"/d", "bytes"});
  make_dataset(H5T_IEEE_F32LE, {1ULL << 40, 1});
  refused({"/d", "elements"});
  make_dataset(H5T_IEEE_F32LE, {2});
  refused({"/d", "no data"});
}

TEST_F(ForeignHdf5, OtherFiltersAreRefused) {
  const PropertyList list(H5Pcreate(H5P_DATASET_CREATE));
  const hsize_t chunk[] = {8};
  H5Pset_chunk(list.get(), 1, chunk);
  H5Pset_fletcher32(list.get());
  make_dataset(H5T_IEEE_F32LE, {8}, list.get());
  refused({"/d", "filter 3"});
}

TEST_F(ForeignHdf5, DataInOtherFilesIsRefused) {
  const PropertyList list(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_external(list.get(), "/etc/passwd", 0, 8);
  make_dataset(H5T_IEEE_F32LE, {2}, list.get());
  refused({"/d", "another file"});
}

TEST_F(ForeignHdf5, LinksAreRefused) {
  make([](hid_t file) { H5Lcreate_soft("/elsewhere", file, "d", H5P_DEFAULT, H5P_DEFAULT); });
  refused({"link", "'d'"});
  make([](hid_t file) { H5Lcreate_external("other.h5", "/x", file, "d", H5P_DEFAULT, H5P_DEFAULT); });
  refused({"header"});
}

TEST_F(ForeignHdf5, AGroupInsideItselfIsRefused) {
  make([](hid_t file) { H5Lcreate_hard(file, "/", file, "again", H5P_DEFAULT, H5P_DEFAULT); });
  refused({"/again/again", "nested"});
}

TEST_F(ForeignHdf5, TheNewestLayoutIsRefused) {
  const PropertyList access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  { const File file(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get())); }
  refused({"superblock", "defaults"});
}

}  // namespace
}  // namespace neurocuda::nir::hdf5
