// One layer of the cpu target at a time, by shape, density and way (sparse: sliding windows or lists; dense: products),
// on one thread, and what the processor could do at most. The time is that of a network with the layer minus that of
// the same network without it, both in the same round.
//
//   bench_layers --benchmark_filter='3x3.*dense'       NEUROCUDA_ISA chooses the instruction set
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <numeric>

#include "limits.hpp"
#include "neurocuda/base/random.hpp"
#include "neurocuda/metrics/random_network.hpp"
#include "runtime/cpu/cpu_executable.hpp"

namespace neurocuda {
namespace {

using runtime::cpu::CpuExecutable;
using runtime::cpu::SynapsePath;

constexpr int kTimesteps = 8;

struct LayerShape {
  const char* name;
  std::int64_t inputs, outputs, size, kernel, stride, groups;

  std::int64_t out_size() const { return (size + 2 * (kernel / 2) - kernel) / stride + 1; }
};

constexpr LayerShape kShapes[] = {
    {"3x3", 64, 64, 32, 3, 1, 1},
    {"3x3", 128, 128, 16, 3, 1, 1},
    {"3x3", 256, 256, 8, 3, 1, 1},
    {"3x3", 512, 512, 4, 3, 1, 1},
    {"3x3 by 2", 64, 128, 32, 3, 2, 1},
    {"3x3 by 2", 256, 512, 8, 3, 2, 1},
    {"1x1", 256, 256, 14, 1, 1, 1},
    {"1x1 by 2", 64, 128, 32, 1, 2, 1},
    {"3x3", 16, 16, 32, 3, 1, 1},
    {"5x5", 64, 64, 16, 5, 1, 1},
    {"7x7 by 2", 3, 64, 64, 7, 2, 1},
    {"3x3, 4 groups", 128, 128, 16, 3, 1, 4},
    {"depthwise 3x3", 128, 128, 16, 3, 1, 128},
    {"linear", 512, 1000, 1, 1, 1, 1},
};

program::SynapseGroup group(const std::string& name, program::NodeIndex source, std::int64_t outputs,
                            program::Connection connection) {
  return {name, source, std::move(connection), std::vector<std::uint8_t>(static_cast<std::size_t>(outputs), 0)};
}

program::Node layer(const std::string& name, Shape shape, program::SynapseGroup synapses, double theta) {
  const auto channels = static_cast<std::size_t>(shape[0]);
  const auto threshold = 2 * static_cast<std::int32_t>(std::lround(std::max(1.0, theta / 2)));
  program::IfLayer made{{std::move(synapses)},
                        std::vector<std::int32_t>(channels, 0),
                        std::vector<std::int32_t>(channels, threshold),
                        std::vector<std::int32_t>(channels, threshold / 2),
                        std::vector<double>(channels, 1.0)};
  return {name, std::move(shape), std::move(made)};
}

/// Neurons that fire about at the density, half of them never; then the layer, if it is wanted.
program::Program network(const LayerShape& shape, double density, bool with_layer) {
  Random random(1);
  program::Program program;
  program.timesteps = kTimesteps;
  const Shape source{shape.inputs, shape.size, shape.size};
  program.nodes.push_back({"input", source,
                           program::InputNode{program::InputEncoding::constant_current,
                                              8,
                                              std::vector<double>(static_cast<std::size_t>(shape.inputs), 1.0),
                                              {},
                                              {}}});
  // A current of 0 to 127, all as likely, on half of the neurons.
  const Window alone{{1, 1}, {1, 1}, {0, 0}, {1, 1}};
  const program::Conv pass{Tensor<std::int8_t>({shape.inputs, 1, 1, 1}, 100), alone, shape.inputs};
  program.nodes.push_back(layer("source", source, group("pass", 0, shape.inputs, pass), 100 * 64 * 0.5 / density));
  if (with_layer) {
    Tensor<std::int8_t> weight({shape.outputs, shape.inputs / shape.groups, shape.kernel, shape.kernel});
    for (std::int8_t& w : weight.values())
      w = static_cast<std::int8_t>(std::lround(std::clamp(32 * random.normal(), -127.0, 127.0)));
    const double arriving = density * static_cast<double>(element_count(weight.shape()) / shape.outputs);
    const std::int64_t size = shape.out_size(), pad = shape.kernel / 2;
    const Window window{{shape.kernel, shape.kernel}, {shape.stride, shape.stride}, {pad, pad}, {1, 1}};
    program.nodes.push_back(layer("layer", {shape.outputs, size, size},
                                  group("synapses", 1, shape.outputs, program::Conv{weight, window, shape.groups}),
                                  64 * std::sqrt(arriving)));
  }
  // A sum of one channel ends it.
  const Shape last = program.nodes.back().shape;
  program::Accumulator output;
  const auto end = static_cast<program::NodeIndex>(program.nodes.size()) - 1;
  program.nodes.push_back(
      {"pool", {last[0], 1, 1}, program::SumPool{end, {{last[1], last[2]}, {1, 1}, {0, 0}, {1, 1}}}});
  output.groups.push_back(group("output", end + 1, 1, program::Linear{Tensor<std::int8_t>({1, last[0]}, 1)}));
  output.bias = {0};
  program.nodes.push_back({"output", {1}, output});
  program::validate(program);
  return program;
}

double seconds(const CpuExecutable& executable, const program::EncodedInput& input) {
  const auto begin = std::chrono::steady_clock::now();
  benchmark::DoNotOptimize(executable.run(input, {.threads = 1}));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void run_layer(benchmark::State& state, const LayerShape& shape, double density, SynapsePath path) {
  const std::string_view isa = runtime::cpu::requested_isa();
  const CpuExecutable with(network(shape, density, true), isa, path),
      without(network(shape, density, false), isa, path);
  constexpr std::int64_t kImages = 8;
  const auto input = metrics::random_images(with.program(), kImages, 2);
  const auto counted = with.run(input, {.threads = 1, .wanted = {.counts = true}}).activity();
  double operations = 0, spikes = 0;
  for (int t = 0; t < kTimesteps; ++t) {
    operations += static_cast<double>(counted.synaptic_operations[2 * kTimesteps + t]);
    spikes += static_cast<double>(counted.spikes[kTimesteps + t]);
  }
  double total = 0;
  for (auto _ : state) {
    const double taken = std::max(1e-9, seconds(with, input) - seconds(without, input));
    state.SetIterationTime(taken);
    total += taken;
  }
  const auto runs = static_cast<double>(state.iterations());
  const auto steps = static_cast<double>(kImages * kTimesteps);
  state.counters["us/timestep"] = 1e6 * total / (runs * steps);
  state.counters["GSOP/s"] = 1e-9 * operations * runs / total;
  state.counters["density"] = spikes / (steps * static_cast<double>(shape.inputs * shape.size * shape.size));
}

void limits() {
  if (!bench::limits_supported()) return;
  benchmark::RegisterBenchmark("limit/registers", [](benchmark::State& state) {
    constexpr std::int64_t kRounds = 4096;
    for (auto _ : state) benchmark::DoNotOptimize(bench::add_from_registers(kRounds));
    state.counters["GSOP/s"] =
        benchmark::Counter(1e-9 * 512 * kRounds * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  });
  for (const auto& [name, kibibytes] : {std::pair{"limit/first-level cache", 24}, {"limit/second-level cache", 600}}) {
    benchmark::RegisterBenchmark(name, [kibibytes = kibibytes](benchmark::State& state) {
      const std::vector<std::uint8_t> weights(static_cast<std::size_t>(kibibytes) << 10, 1);
      for (auto _ : state) benchmark::DoNotOptimize(bench::add_from_memory(weights));
      state.counters["GSOP/s"] =
          benchmark::Counter(1e-9 * static_cast<double>(weights.size()) * static_cast<double>(state.iterations()),
                             benchmark::Counter::kIsRate);
    });
  }
}

void register_all() {
  limits();
  for (const LayerShape& shape : kShapes) {
    for (const double density : {0.02, 0.06, 0.12, 0.25, 0.5}) {
      for (const auto& [name, path] : {std::pair{"sparse", SynapsePath::sparse},
                                       {"dense", SynapsePath::dense},
                                       {"chosen", SynapsePath::by_density}}) {
        const std::string title = fmt::format("{}, {} to {}, {}x{}/{:.2f}/{}", shape.name, shape.inputs, shape.outputs,
                                              shape.size, shape.size, density, name);
        benchmark::RegisterBenchmark(
            title.c_str(),
            [&shape, density, path = path](benchmark::State& state) { run_layer(state, shape, density, path); })
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
}

}  // namespace
}  // namespace neurocuda

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  neurocuda::register_all();
  benchmark::RunSpecifiedBenchmarks();
}
