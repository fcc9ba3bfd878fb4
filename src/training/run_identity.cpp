#include "neurocuda/training/run_identity.hpp"

#include <fmt/format.h>

#include "neurocuda/base/hash.hpp"
#include "neurocuda/ir/hash.hpp"

namespace neurocuda::training {
namespace {

std::uint64_t hash_of(const data::Dataset& images) {
  Hash hash;
  hash.add_values(images.images.values());
  hash.add_values(images.values.values());
  // Files are told by their names, sizes and times: to decode them all would take longer than many an epoch.
  for (std::int64_t i = 0; images.source && i < images.size(); ++i) images.source->identify(i, hash);
  hash.add_values(std::span(images.labels));
  hash.add_values(std::span(images.mean));
  hash.add_values(std::span(images.stddev));
  return hash.value();
}

}  // namespace

RunIdentity identity_of(const std::string& stage, const ir::Graph& graph, const data::Dataset& images) {
  return {{"stage", stage},
          {"network", fmt::format("{:016x}", ir::hash_of(graph))},
          {"images", fmt::format("{} of {} ({:016x})", images.size(), images.name, hash_of(images))}};
}

std::string difference(const RunIdentity& theirs, const RunIdentity& ours) {
  for (std::size_t i = 0; i < std::max(theirs.size(), ours.size()); ++i) {
    if (i >= theirs.size() || i >= ours.size() || theirs[i].first != ours[i].first)
      return "other settings than this version has";
    if (theirs[i].second != ours[i].second)
      return fmt::format("{} {} instead of {}", ours[i].first, theirs[i].second, ours[i].second);
  }
  return "";
}

}  // namespace neurocuda::training
