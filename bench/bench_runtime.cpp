// The executables on random networks: images per second, and synaptic operations per second (GSOP/s).
// Ratios between rows of one run are what to quote; absolute figures depend on the machine.
//
//   bench_runtime --benchmark_filter=resnet20       NEUROCUDA_BENCH_DENSITY=0.13 sets the density (default 0.06)
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <numeric>
#include <string>

#include "neurocuda/base/threads.hpp"
#include "neurocuda/metrics/random_network.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "runtime/cpu/cpu_executable.hpp"

namespace neurocuda {
namespace {

constexpr int kTimesteps = 32;

double density() {
  const char* text = std::getenv("NEUROCUDA_BENCH_DENSITY");
  return text == nullptr ? 0.06 : std::atof(text);
}

/// Setting thresholds takes seconds: once per architecture.
const program::Program& network(const std::string& architecture) {
  static std::map<std::string, program::Program> made;
  const auto at = made.find(architecture);
  if (at != made.end()) return at->second;
  return made.emplace(architecture, metrics::random_network(architecture, density(), kTimesteps, 1)).first->second;
}

double total(const Tensor<std::int64_t>& counts) {
  return std::accumulate(counts.values().begin(), counts.values().end(), 0.0);
}

void measure(benchmark::State& state, const runtime::Executable& executable, std::int64_t images, int threads) {
  const program::Program& program = executable.program();
  const auto input = metrics::random_images(program, images, 2);
  const runtime::RunResult counted = executable.run(input, {.threads = threads, .wanted = {.counts = true}});
  double operations = 0, spikes = 0, done = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(executable.run(input, {.threads = threads}));
    operations += total(counted.activity().synaptic_operations);
    spikes += total(counted.activity().spikes);
    done += static_cast<double>(images);
  }
  state.counters["images/s"] = benchmark::Counter(done, benchmark::Counter::kIsRate);
  state.counters["GSOP/s"] = benchmark::Counter(operations * 1e-9, benchmark::Counter::kIsRate);
  state.counters["density"] = spikes / (done * static_cast<double>(program::neuron_count(program)) * kTimesteps);
}

void reference(benchmark::State& state, const std::string& architecture) {
  measure(state, *runtime::compile(network(architecture), "reference"), 1, 1);
}

void cpu(benchmark::State& state, const std::string& architecture, std::string_view isa, int threads) {
  measure(state, runtime::cpu::CpuExecutable(network(architecture), isa), 4 * threads, threads);
}

void gpu(benchmark::State& state, const std::string& architecture, std::int64_t images) {
  measure(state, *runtime::compile(network(architecture), "gpu"), images, 1);
}

void add(const std::string& name, const std::function<void(benchmark::State&)>& run) {
  benchmark::RegisterBenchmark(name.c_str(), run)
      ->Unit(benchmark::kMillisecond)
      ->MeasureProcessCPUTime()
      ->UseRealTime();
}

void register_all() {
  for (const std::string& architecture : metrics::random_architectures()) {
    add(architecture + "/reference/1 thread", [=](benchmark::State& state) { reference(state, architecture); });
    for (const std::int64_t images : {1, 64, 512}) {
      if (!runtime::backend("gpu").available()) break;
      add(fmt::format("{}/gpu/{} images", architecture, images),
          [=](benchmark::State& state) { gpu(state, architecture, images); });
    }
    for (const runtime::cpu::Isa& isa : runtime::cpu::compiled_isas()) {
      if (!isa.supported()) continue;
      for (const int threads : {1, hardware_threads()}) {
        add(fmt::format("{}/cpu {}/{} threads", architecture, isa.name, threads),
            [=](benchmark::State& state) { cpu(state, architecture, isa.name, threads); });
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
