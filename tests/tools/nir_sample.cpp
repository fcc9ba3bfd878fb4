// nir_sample make SEED OUT.nir RUN.json: writes a random Program, and what the reference computes on one random input.
// nir_sample full SEED OUT.nir: a random Program with all that a file can hold, which no executable may be able to run.
// nir_sample rewrite IN.nir OUT.nir: reads a file and writes it again; equal bytes mean an identical Program.
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/nir/nir.hpp"
#include "neurocuda/program/bounds.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/format_fields.hpp"
#include "support/random_program.hpp"

namespace {

using namespace neurocuda;

// One string of 0 and 1 per timestep; - stands for the -1 of signed neurons.
nlohmann::json spikes_of(const runtime::LayerRecord& layer) {
  nlohmann::json rows = nlohmann::json::array();
  for (std::int64_t t = 0; t < layer.timesteps; ++t) {
    std::string row;
    for (std::int64_t neuron = 0; neuron < layer.neurons; ++neuron) row += "-01"[1 + layer.spike(0, t, neuron)];
    rows.push_back(row);
  }
  return rows;
}

nlohmann::json run_reference(const program::Program& program, std::uint64_t seed) {
  const program::EncodedInput input = testing::random_input(program, 1, program.timesteps, seed);
  runtime::RunOptions options;
  options.threads = 1;
  options.wanted = {.by_timestep = true, .recording = runtime::Recording::spikes};
  const runtime::RunResult result = runtime::compile(program, "reference")->run(input, options);
  nlohmann::json document;
  document["timesteps"] = program.timesteps;
  document["exact_in_float32"] = program::prove_bounds(program, program.timesteps).exact_in_float32;
  document["input_shape"] = input.shape();
  document["input"] = std::vector<int>(input.values().begin(), input.values().end());
  const auto accumulators = result.accumulators_by_timestep().values();
  document["accumulators"] = std::vector<int>(accumulators.begin(), accumulators.end());
  for (const runtime::LayerRecord& layer : result.record().layers) {
    document["spikes"][program.nodes[static_cast<std::size_t>(layer.node)].name] = spikes_of(layer);
  }
  return document;
}

int run(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "make" && argc == 5) {
    const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
    const program::Program program = testing::random_program(seed);
    nir::write(program, argv[3]);
    write_file(argv[4], run_reference(program, seed).dump());
    return 0;
  }
  if (command == "full" && argc == 4) {
    const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
    nir::write(testing::with_format_fields(testing::random_program(seed), seed), argv[3]);
    return 0;
  }
  if (command == "rewrite" && argc == 4) {
    nir::write(nir::read(argv[2]), argv[3]);
    return 0;
  }
  std::fprintf(stderr, "usage: nir_sample make SEED OUT.nir RUN.json | full SEED OUT.nir | rewrite IN.nir OUT.nir\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const UserError& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
