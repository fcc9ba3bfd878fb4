#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/nir/nir.hpp"
#include "nir/hdf5/image.hpp"
#include "nir/hdf5/tree_file.hpp"
#include "sample_program.hpp"
#include "support/expect_error.hpp"
#include "support/format_fields.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::nir {
namespace {

using Paths = std::set<std::string>;

Tree tree_of(const std::filesystem::path& path) {
  return hdf5::read_tree(read_file(path, hdf5::kMaxBytes), path.string());
}

Tree written(const program::Program& program) {
  const testing::TemporaryFolder folder;
  write(program, folder / "snn.nir");
  return tree_of(folder / "snn.nir");
}

Tree& header(Tree& tree) { return tree.branches.at("node").branches.at("metadata").branches.at("neurocuda"); }

std::int64_t& version_in(Tree& tree) {
  return std::get<std::vector<std::int64_t>>(header(tree).leaves.at("format_version").values).at(0);
}

/// The leaves that only one tree has, or that differ.
void add_differences(const Tree& a, const Tree& b, const std::string& path, Paths& found) {
  for (const auto* side : {&a, &b}) {
    const Tree& other = side == &a ? b : a;
    for (const auto& [name, leaf] : side->leaves) {
      const auto same = other.leaves.find(name);
      if (same == other.leaves.end() || same->second != leaf) found.insert(path + "/" + name);
    }
    for (const auto& [name, branch] : side->branches) {
      const auto same = other.branches.find(name);
      add_differences(branch, same == other.branches.end() ? Tree{} : same->second, path + "/" + name, found);
    }
  }
}

Paths differences(const Tree& a, const Tree& b) {
  Paths found;
  add_differences(a, b, "", found);
  return found;
}

/// `path` as differences() gives it.
void copy_leaf(const Tree& from, Tree& to, const std::string& path) {
  const std::size_t end = path.find('/', 1);
  const std::string name = path.substr(1, end - 1);
  if (end == std::string::npos) {
    to.leaves[name] = from.leaves.at(name);
  } else {
    copy_leaf(from.branches.at(name), to.branches[name], path.substr(end));
  }
}

program::Program through_tree(const Tree& tree) {
  const testing::TemporaryFolder folder;
  write_file(folder / "edited.nir", hdf5::to_bytes(tree, "edited.nir"));
  return read(folder / "edited.nir");
}

TEST(FormatVersions, TheShippedFilesOfVersion1AreReadWithDefaults) {
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(NEUROCUDA_MODELS)) {
    if (entry.path().extension() != ".nir") continue;
    SCOPED_TRACE(entry.path().string());
    Tree before = tree_of(entry.path());
    if (version_in(before) != 1) continue;
    ++files;
    const program::Program program = read(entry.path());
    EXPECT_EQ(program.mode, program::Mode::synchronous);
    EXPECT_EQ(program.settings, "");
    EXPECT_EQ(program.made_by, "");
    EXPECT_EQ(differences(before, written(program)), Paths{"/node/metadata/neurocuda/format_version"});
  }
  EXPECT_GE(files, 5);
}

TEST(FormatVersions, Version2AddsMetadataOnlyAndOnlyWhatIsSet) {
  Tree plain = written(testing::sample_program());
  EXPECT_EQ(version_in(plain), 2);
  version_in(plain) = 1;
  EXPECT_EQ(through_tree(plain), testing::sample_program());

  program::Program program = testing::sample_program();
  program.made_by = "neurocuda 0.1.0";
  program.nodes[1].as<program::IfLayer>()->neuron = program::NeuronKind::signed_;
  program.nodes[2].as<program::IfLayer>()->density = 0.25;
  program.nodes[4].as<program::OrPool>()->rule = program::MaxPoolRule::maximum_of_counts;
  EXPECT_EQ(differences(plain, written(program)),
            (Paths{"/node/metadata/neurocuda/format_version", "/node/metadata/neurocuda/made_by",
                   "/node/nodes/layer1_0_relu/metadata/neurocuda/neuron",
                   "/node/nodes/layer1_0_add/metadata/neurocuda/density", "/node/nodes/max/metadata/neurocuda/rule"}));
}

TEST(FormatVersions, AnOlderVersionThanItsKeysIsRefused) {
  const Tree plain = written(testing::sample_program());
  const Tree full = written(testing::with_format_fields(testing::sample_program(), 1));
  const Paths added = differences(plain, full);
  Paths keys;
  for (const std::string& path : added) {
    const std::size_t slash = path.rfind('/');
    if (path.substr(0, slash).ends_with("/metadata/neurocuda")) keys.insert(path.substr(slash + 1));
  }
  EXPECT_EQ(keys,
            (Paths{"bias_by_timestep", "density", "made_by", "mode", "neuron", "rule", "settings", "takes_minimum"}));
  for (const std::string& path : added) {
    if (path.find("/metadata/") == std::string::npos) continue;
    Tree old = plain;
    version_in(old) = 1;
    copy_leaf(full, old, path);
    testing::expect_error<UserError>([&] { through_tree(old); }, {path.substr(path.rfind('/') + 1), "version 1"});
  }
}

TEST(FormatVersions, TheMakerStaysWhoeverWritesTheFileAgain) {
  program::Program program = testing::tiny_program();
  program.made_by = "neurocuda 7.7.7";
  EXPECT_EQ(through_tree(written(program)).made_by, "neurocuda 7.7.7");
}

}  // namespace
}  // namespace neurocuda::nir
