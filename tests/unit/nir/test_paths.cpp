#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/nir/nir.hpp"
#include "sample_program.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;
using testing::TemporaryFolder;
using testing::tiny_program;

TEST(NirPaths, AFolderThatDoesNotExist) {
  const TemporaryFolder folder;
  const fs::path path = folder / "absent" / "snn.nir";
  expect_error<UserError>([&] { nir::write(tiny_program(), path); }, {path.string()});
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(NirPaths, AFolderInPlaceOfAFile) {
  const TemporaryFolder folder;
  expect_error<UserError>([&] { nir::write(tiny_program(), folder.path()); }, {folder.path().string()});
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(NirPaths, AFolderThatCannotBeWritten) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  expect_error<UserError>([&] { nir::write(tiny_program(), folder / "snn.nir"); }, {"snn.nir"});
  fs::permissions(folder.path(), fs::perms::owner_all);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(NirPaths, AnInvalidProgramLeavesTheOldFileAsItWas) {
  const TemporaryFolder folder;
  nir::write(tiny_program(), folder / "snn.nir");
  program::Program broken = tiny_program();
  broken.nodes[1].as<program::IfLayer>()->theta[0] = 3;
  expect_error<UserError>([&] { nir::write(broken, folder / "snn.nir"); }, {"hidden", "3"});
  broken = tiny_program();
  broken.name = "\xFF";
  expect_error<UserError>([&] { nir::write(broken, folder / "snn.nir"); }, {"snn.nir", "UTF-8"});
  EXPECT_EQ(nir::read(folder / "snn.nir"), tiny_program());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator{}), 1);
}

TEST(NirPaths, AMissingFile) {
  expect_error<UserError>([] { nir::read("/nonexistent/snn.nir"); }, {"/nonexistent/snn.nir", "no such file"});
}

TEST(NirPaths, AFileOfAnotherKind) {
  const TemporaryFolder folder;
  write_file(folder / "model.onnx", std::string(200, 'x'));
  expect_error<UserError>([&] { nir::read(folder / "model.onnx"); }, {"model.onnx", "not an HDF5 file"});
  write_file(folder / "empty.nir", "");
  expect_error<UserError>([&] { nir::read(folder / "empty.nir"); }, {"empty.nir", "not an HDF5 file"});
}

}  // namespace
}  // namespace neurocuda
