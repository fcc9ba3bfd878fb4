#include "neurocuda/verify/verify.hpp"

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/metrics/program_inputs.hpp"
#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::verify {
namespace {

using Executables = std::vector<const runtime::Executable*>;

constexpr std::int64_t kRecordBytes = std::int64_t{256} << 20;
/// Keeps progress and interrupts responsive for small networks.
constexpr std::int64_t kMaxBatch = 512;

void require_same_nodes(const runtime::Executable& first, const runtime::Executable& other) {
  const auto& a = first.program().nodes;
  const auto& b = other.program().nodes;
  if (a.size() != b.size()) {
    fail("verify: the network on {} has {} nodes, that on {} has {}; compare networks of one architecture",
         first.target(), a.size(), other.target(), b.size());
  }
  const auto neurons = [](const runtime::Executable& executable) {
    return name_of(program::neurons_of(executable.program()));
  };
  if (neurons(first) != neurons(other)) {
    fail(
        "verify: the network on {} has {} neurons, that on {} {} ones; compare networks converted with the same "
        "--neuron",
        first.target(), neurons(first), other.target(), neurons(other));
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].shape == b[i].shape && a[i].kind.index() == b[i].kind.index()) continue;
    fail("verify: node {} is {} {} on {} but {} {} on {}; compare networks of one architecture", i, a[i].name,
         to_string(a[i].shape), first.target(), b[i].name, to_string(b[i].shape), other.target());
  }
}

void check(const Executables& executables, const data::Dataset& dataset) {
  if (executables.size() < 2) fail("verify: {} executable given; give two or more to compare", executables.size());
  for (const auto* executable : executables) require_same_nodes(*executables.front(), *executable);
  if (dataset.size() == 0) fail("verify: {} has no images; give a data set that has", dataset.name);
}

/// Two results are held at a time: the expected one and the one that is compared with it.
std::int64_t images_per_batch(const program::Program& program, int timesteps, const VerifyOptions& options) {
  if (options.batch_size < 0) fail("verify: batch size {}; give 0 (chosen for you) or more", options.batch_size);
  if (options.batch_size > 0) return options.batch_size;
  std::int64_t per_timestep = 0;
  for (const auto& node : program.nodes) {
    if (!program::has_neurons(node)) continue;
    const std::int64_t neurons = element_count(node.shape);
    per_timestep += neurons * 4 + (neurons + 63) / 64 * 8;
  }
  return std::clamp<std::int64_t>(kRecordBytes / std::max<std::int64_t>(1, 2 * timesteps * per_timestep), 1, kMaxBatch);
}

}  // namespace

Verification verify(const Executables& executables, const data::Dataset& dataset, const VerifyOptions& options,
                    Progress& progress) {
  check(executables, dataset);
  const program::Program& program = executables.front()->program();
  const runtime::Wanted wanted{.by_timestep = true, .recording = runtime::Recording::spikes_and_membranes};
  runtime::RunOptions run{options.timesteps, options.threads, options.mode, wanted};
  run.timesteps = runtime::resolve_timesteps(program, run);

  Verification verification;
  for (const auto* executable : executables) verification.targets.emplace_back(executable->target());
  verification.images = dataset.size();
  verification.timesteps = run.timesteps;
  const std::int64_t batch = images_per_batch(program, run.timesteps, options);
  progress.start("verify", dataset.size());
  for (std::int64_t begin = 0; begin < dataset.size(); begin += batch) {
    throw_if_interrupted();
    const std::int64_t end = std::min(dataset.size(), begin + batch);
    const Tensor<float> inputs = metrics::inputs_of(program, dataset, begin, end);
    const auto encoded = program::encode(program, inputs.view(), run.timesteps);
    const auto expected = executables.front()->run(encoded, run);
    for (std::size_t i = 1; i < executables.size(); ++i) {
      compare(program, expected, executables[i]->run(encoded, run), begin, verification);
      auto& first = verification.first_deviation;
      // compare() leaves the target empty: this deviation is an earlier one than those known.
      if (first && first->target.empty()) first->target = executables[i]->target();
    }
    progress.advance(end - begin);
  }
  progress.finish();
  return verification;
}

}  // namespace neurocuda::verify
