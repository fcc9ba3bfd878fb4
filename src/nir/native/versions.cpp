#include "nir/native/versions.hpp"

#include "nir/native/schema.hpp"

namespace neurocuda::nir::native {
namespace {

constexpr std::int64_t kOldestVersion = 1;

/// All that came with version 2. Each may be missing.
constexpr const char* kSinceVersion2[] = {
    key::mode,   key::settings,         key::made_by,  // of the graph
    key::neuron, key::bias_by_timestep, key::density, key::rule, key::takes_minimum, key::ceil_mode,
};

void check(const Tree& metadata, std::int64_t version, std::string_view origin, std::string_view owner) {
  const auto found = metadata.branches.find(key::space);
  if (found == metadata.branches.end()) return;
  const Fields fields(origin, owner, found->second);
  for (const char* key : kSinceVersion2) {
    if (found->second.branches.contains(key)) fields.reject(key, "is a group; a value is wanted");
    if (version < 2 && fields.has(key)) {
      fields.reject(key, "is not of format version {}, which the file states; write the file again", version);
    }
  }
}

}  // namespace

std::int64_t version_of(const Fields& metadata) {
  const std::int64_t version = metadata.integer(key::format_version);
  if (version > kFormatVersion) {
    metadata.reject(key::format_version, "is {}; this release reads {} to {}, update NeuroCUDA", version,
                    kOldestVersion, kFormatVersion);
  }
  if (version < kOldestVersion) {
    metadata.reject(key::format_version, "is {}; {} to {} are wanted, the file is damaged", version, kOldestVersion,
                    kFormatVersion);
  }
  return version;
}

void check_keys(const Graph& graph, std::int64_t version, std::string_view origin) {
  check(graph.metadata, version, origin, "graph metadata");
  for (const Node& node : graph.nodes) {
    check(node.metadata, version, origin, fmt::format("node '{}'", node.name));
  }
}

}  // namespace neurocuda::nir::native
