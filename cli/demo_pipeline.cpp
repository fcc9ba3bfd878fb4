#include "cli/demo_pipeline.hpp"

#include <algorithm>
#include <chrono>

#include "cli/data_source.hpp"
#include "neurocuda/metrics/program_inputs.hpp"
#include "neurocuda/nir/nir.hpp"
#include "neurocuda/onnx/onnx.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "neurocuda/training/architectures.hpp"

namespace neurocuda::cli {
namespace {

/// libtorch runs on one thread unless --threads says otherwise: batches of 8x8 images are too small to share, and
/// threads that wait for each other spin, which is slow when the machine is busy. The integer executables use every
/// core.
int libtorch_threads(const DemoOptions& options) { return options.common.threads > 0 ? options.common.threads : 1; }

training::TrainResult train_ann(const data::Dataset& training, const DemoOptions& options, Progress& progress) {
  training::ArchitectureOptions architecture;
  architecture.image_shape = training.image_shape();
  architecture.classes = training.classes;
  architecture.seed = options.common.seed;
  architecture.normalization = {training.mean, training.stddev};
  training::Settings settings;
  settings.epochs = options.epochs;
  settings.batch_size = 64;
  settings.label_smoothing = 0.05;
  settings.seed = options.common.seed;
  settings.threads = libtorch_threads(options);
  return training::train(training::build_architecture("digits_resnet", architecture), training, settings, {}, progress);
}

conversion::Conversion convert_ann(const ir::Graph& ann, const data::Splits& data, int timesteps,
                                   const DemoOptions& options, Progress& progress) {
  conversion::ConvertOptions given;
  conversion::Settings& settings = given.settings;
  settings.timesteps = timesteps;
  settings.seed = options.common.seed;
  settings.threads = libtorch_threads(options);
  return conversion::convert(ann, data.train, &data.test, given, progress);
}

verify::Verification compare(const runtime::Executable& expected, const runtime::Executable& actual,
                             const data::Dataset& test, const DemoOptions& options, Progress& progress) {
  verify::VerifyOptions settings;
  settings.threads = options.common.threads;
  return verify::verify({&expected, &actual}, test, settings, progress);
}

/// The cpu runs what a user would run: the shown program as it was read back from its file.
program::Program as_deployed(const program::Program& program, const DemoOptions& options) {
  if (program.timesteps != kShownTimesteps) return program;
  nir::write(program, options.snn_path());
  return nir::read(options.snn_path());
}

DemoRun run_at(int timesteps, const Demo& demo, const DemoOptions& options, Progress& progress) {
  DemoRun run;
  run.timesteps = timesteps;
  run.conversion = convert_ann(demo.ann.graph, demo.data, timesteps, options, progress);
  const auto& program = run.conversion.lowered.program;
  const auto reference = runtime::compile(program, "reference");
  const auto cpu = runtime::compile(as_deployed(program, options), "cpu");
  metrics::EvaluateOptions settings;
  settings.threads = options.common.threads;
  for (const auto* executable : {reference.get(), cpu.get()}) {
    run.evaluations.push_back(metrics::evaluate(*executable, demo.data.test, settings, progress));
  }
  run.verification = compare(*reference, *cpu, demo.data.test, options, progress);
  return run;
}

runtime::RunResult run_image(const runtime::Executable& executable, const data::Dataset& dataset, std::int64_t image) {
  const Tensor<float> pixels = metrics::inputs_of(executable.program(), dataset, image, image + 1);
  runtime::RunOptions settings;
  settings.wanted.recording = runtime::Recording::spikes;
  return executable.run(program::encode(executable.program(), pixels.view()), settings);
}

DemoRaster draw_image(const program::Program& program, const data::Dataset& test, std::int64_t image) {
  const auto executable = runtime::compile(program, "cpu");
  auto result = run_image(*executable, test, image);
  DemoRaster raster;
  raster.image = image;
  raster.label = test.labels.at(static_cast<std::size_t>(image));
  raster.prediction = runtime::predictions(result).front();
  const auto pixels = test.images.view().slice(image);
  raster.pixels = Tensor<std::uint8_t>(pixels.shape(), {pixels.values().begin(), pixels.values().end()});
  raster.record = std::move(result.record());
  return raster;
}

/// Spikes per channel that the source of a group fired for the recorded image; empty when it does not fire itself.
std::vector<std::int64_t> channel_activity(const program::Program& program, program::NodeIndex source,
                                           const runtime::SpikeRecord& record) {
  for (const auto& layer : record.layers) {
    if (layer.node != source) continue;
    const Shape& shape = program.nodes[static_cast<std::size_t>(source)].shape;
    std::vector<std::int64_t> spikes(static_cast<std::size_t>(program::channels(shape)));
    for (std::int64_t t = 0; t < layer.timesteps; ++t) {
      for (std::int64_t n = 0; n < layer.neurons; ++n) {
        spikes[static_cast<std::size_t>(n / program::plane(shape))] += layer.spike(0, t, n);
      }
    }
    return spikes;
  }
  return {};
}

/// A weight in the middle of the network that spikes really reach: the kernel's centre, reading the channel of the
/// source that fires most. (A weight that no spike reaches has no effect that anything could notice.)
Fault choose_fault(const program::Program& program, const runtime::SpikeRecord& record) {
  Fault fault;
  const std::size_t first = record.layers.size() / 2;
  for (std::size_t i = first; i < record.layers.size(); ++i) {
    const auto& node = program.nodes[static_cast<std::size_t>(record.layers[i].node)];
    const auto& group = program::groups_of(node).front();
    const auto* conv = std::get_if<program::Conv>(&group.connection);
    const auto activity = channel_activity(program, group.source, record);
    if (!conv || conv->groups != 1 || activity.empty()) continue;
    const auto most = std::max_element(activity.begin(), activity.end()) - activity.begin();
    const std::int64_t taps = conv->weight.extent(2) * conv->weight.extent(3);
    const std::int64_t channel = conv->weight.extent(0) / 2;
    fault.layer = node.name;
    fault.weight = (channel * conv->weight.extent(1) + most) * taps + taps / 2;
    return fault;
  }
  fault.layer = program.nodes[static_cast<std::size_t>(record.layers.front().node)].name;
  return fault;
}

DemoFault inject_fault(const Demo& demo, const DemoOptions& options, Progress& progress) {
  const auto& program = demo.shown().conversion.lowered.program;
  DemoFault result;
  result.fault = choose_fault(program, demo.raster.record);
  result.channel = faulty_channel(program, result.fault);
  const auto faulty = verify::with_changed_weight(program, result.fault.layer, result.fault.weight, result.fault.delta);
  const auto intact = runtime::compile(program, "cpu");
  const auto suspect = runtime::compile(faulty, "cpu");
  result.verification = compare(*intact, *suspect, demo.data.test, options, progress);
  return result;
}

}  // namespace

bool DemoFault::caught() const {
  const auto& first = verification.first_deviation;
  return first && first->layer == fault.layer && !first->position.empty() && first->position.front() == channel;
}

const DemoRun& Demo::shown() const {
  const auto found =
      std::find_if(runs.begin(), runs.end(), [](const DemoRun& r) { return r.timesteps == kShownTimesteps; });
  ensure(found != runs.end(), "demo: the timestep that it shows is not among those it runs");
  return *found;
}

std::int64_t Demo::neuron_timesteps() const {
  std::int64_t total = 0;
  for (const auto& run : runs) total += run.verification.spikes_compared;
  return total;
}

std::int64_t Demo::deviations() const {
  std::int64_t total = 0;
  for (const auto& run : runs) total += run.verification.deviations;
  return total;
}

Demo run_demo(const DemoOptions& options, Progress& progress) {
  const auto begin = std::chrono::steady_clock::now();
  Demo demo;
  demo.data = data::load_digits();
  demo.ann = train_ann(demo.data.train, options, progress);
  onnx::write(demo.ann.graph, options.ann_path());
  network::FloatOptions settings;
  settings.compute.threads = libtorch_threads(options);
  demo.ann_evaluation = network::evaluate_float(demo.ann.graph, demo.data.test, settings, progress);
  for (const int timesteps : options.timesteps) demo.runs.push_back(run_at(timesteps, demo, options, progress));
  demo.raster = draw_image(demo.shown().conversion.lowered.program, demo.data.test, 0);
  demo.fault = inject_fault(demo, options, progress);
  demo.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return demo;
}

}  // namespace neurocuda::cli
