#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "cli/data_source.hpp"
#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/options.hpp"
#include "cli/out.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/base/memory.hpp"
#include "neurocuda/base/threads.hpp"
#include "neurocuda/metrics/program_inputs.hpp"
#include "neurocuda/metrics/random_network.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::cli {
namespace {

struct BenchOptions {
  CommonOptions common;
  std::string model, random_network, target = "cpu", mode;
  DataOptions data;
  double density = 0.06;
  std::optional<int> timesteps;
  std::int64_t images = 64;
  int repeats = 5, device = 0;
};

struct Measurement {
  double seconds = 0;  ///< median of the repeats, for all images
  std::int64_t images = 0, spikes = 0, synaptic_operations = 0;
  int timesteps = 0;
  std::optional<std::int64_t> memory;  ///< that compiling and running took at its peak, where the system tells
};

program::Program bench_program(const BenchOptions& options) {
  if (options.model.empty() == options.random_network.empty()) {
    fail("bench: give either an SNN (.nir) or --random-network NAME");
  }
  if (!options.model.empty()) return read_snn(options.model);
  constexpr int kDefaultTimesteps = 32;
  return metrics::random_network(options.random_network, options.density, options.timesteps.value_or(kDefaultTimesteps),
                                 options.common.seed);
}

/// Uniform noise over the whole input grid, or the first images of --data.
program::EncodedInput bench_input(const program::Program& program, const BenchOptions& options, Notices& notices) {
  if (!options.data.source.empty()) {
    const std::string name = options.model.empty() ? options.random_network : options.model;
    const data::Dataset images = load_images(options.data, "test", options.images, consumer(name, program), notices);
    const Tensor<float> pixels = metrics::inputs_of(program, images, 0, images.size());
    return program::encode(program, pixels.view(), options.timesteps.value_or(0));
  }
  return metrics::random_images(program, options.images, options.common.seed, options.timesteps.value_or(0));
}

std::int64_t sum(const Tensor<std::int64_t>& counts) {
  std::int64_t total = 0;
  for (const std::int64_t count : counts.values()) total += count;
  return total;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// One run for the counts, one to warm up, then the timed ones, which do what a deployed network does: nobody counts.
Measurement measure(const runtime::Executable& executable, const program::EncodedInput& input,
                    const BenchOptions& options) {
  runtime::RunOptions run;
  run.timesteps = options.timesteps.value_or(0);
  run.threads = options.common.threads;
  run.mode = mode_for(executable.program(), options.mode);
  run.wanted.counts = true;
  const auto counted = executable.run(input, run);
  Measurement measurement;
  measurement.images = counted.images();
  measurement.timesteps = static_cast<int>(counted.timesteps());
  measurement.spikes = sum(counted.activity().spikes);
  measurement.synaptic_operations = sum(counted.activity().synaptic_operations);
  run.wanted.counts = false;
  executable.run(input, run);
  std::vector<double> seconds;
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    throw_if_interrupted();
    const auto begin = std::chrono::steady_clock::now();
    executable.run(input, run);
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  measurement.seconds = median(std::move(seconds));
  return measurement;
}

Json document_of(const Measurement& measurement, const runtime::Executable& executable, const BenchOptions& options) {
  const auto& program = executable.program();
  const double images_per_second = static_cast<double>(measurement.images) / measurement.seconds;
  const double opportunities = static_cast<double>(program::neuron_count(program)) * measurement.timesteps *
                               static_cast<double>(measurement.images);
  return {{"network", options.model.empty() ? options.random_network : options.model},
          {"target", std::string(executable.target())},
          {"isa", executable.isa()},
          {"threads", resolve_threads(options.common.threads)},
          {"mode", name_of(mode_for(program, options.mode))},
          {"data", options.data.source.empty() ? "random images" : options.data.source},
          {"images", measurement.images},
          {"timesteps", measurement.timesteps},
          {"repeats", options.repeats},
          {"images_per_second", images_per_second},
          {"milliseconds_per_image", 1e3 / images_per_second},
          {"synops_per_second", static_cast<double>(measurement.synaptic_operations) / measurement.seconds},
          {"memory_bytes", measurement.memory ? Json(*measurement.memory) : Json()},
          {"density", opportunities > 0 ? static_cast<double>(measurement.spikes) / opportunities : 0.0}};
}

int run_bench(const BenchOptions& options) {
  check_outputs({options.common.json}, {options.model, options.data.source});
  runtime::backend(options.target);
  const program::Program program = bench_program(options);
  Notices notices;
  const auto input = bench_input(program, options, notices);
  const std::int64_t resident = resident_bytes();
  const bool counts_anew = restart_peak();
  const auto executable = runtime::compile(program, options.target, {options.device});
  Measurement measurement = measure(*executable, input, options);
  if (counts_anew) measurement.memory = peak_resident_bytes() - resident;
  Json document = document_of(measurement, *executable, options);
  document["notices"] = notices.list();
  out::print("{} on {} ({}), {} threads, T = {}, {} images of {}, median of {}\n",
             document["network"].get<std::string>(), options.target, document["isa"].get<std::string>(),
             document["threads"].get<int>(), document["timesteps"].get<int>(), document["images"].get<std::int64_t>(),
             document["data"].get<std::string>(), options.repeats);
  out::print("  speed               {} images/s, {:.3g} ms per image\n",
             with_unit_prefix(document["images_per_second"].get<double>()),
             document["milliseconds_per_image"].get<double>());
  out::print("  synaptic operations {} per second\n", with_unit_prefix(document["synops_per_second"].get<double>()));
  out::print("  spike density       {}\n", percent(document["density"].get<double>()));
  if (measurement.memory)
    out::print("  memory              {}B beside the network\n",
               with_unit_prefix(static_cast<double>(*measurement.memory)));
  write_json(options.common.json, document);
  return kDone;
}

}  // namespace

Action set_up_bench(CLI::App& app) {
  auto options = std::make_shared<BenchOptions>();
  app.add_option("SNN", options->model, "The network (.nir)")->type_name("FILE");
  auto* random = app.add_option("--random-network", options->random_network,
                                fmt::format("Instead: random int8 weights in the shape of {}",
                                            fmt::join(metrics::random_architectures(), ", ")))
                     ->type_name("NAME");
  app.add_option("--density", options->density, "Fraction of its neurons that fires at a timestep, layer by layer")
      ->check(CLI::Range(0.001, 0.5))
      ->needs(random)
      ->capture_default_str();
  add_optional_data(app, options->data, "Images to run; random ones unless given");
  app.add_option("--images", options->images, "How many images")->check(CLI::Range(1, 100000))->capture_default_str();
  app.add_option("--repeats", options->repeats, "Timed runs; the median counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--target", options->target, "Where to run: reference, cpu, gpu, loihi2_sim")->capture_default_str();
  add_gpu(app, options->device);
  add_timesteps(app, options->timesteps);
  add_mode(app, options->mode);
  add_common(app, options->common);
  return [options] { return run_bench(*options); };
}

}  // namespace neurocuda::cli
