#include "neurocuda/conversion/train.hpp"

#include <fmt/format.h>

#include <memory>

#include "cli/data_source.hpp"
#include "cli/json_report.hpp"
#include "cli/options.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/conversion/architectures.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/onnx/onnx.hpp"

namespace neurocuda::cli {
namespace {

struct TrainCommandOptions {
  CommonOptions common;
  conversion::TrainOptions train;
  std::string architecture, data, output, activation = "relu";
  int cutout = 0;
  std::int64_t training_images = 0;

  TrainCommandOptions() { train.levels = 8; }  // of QCFS, where that is asked for
};

ir::Graph fresh_network(const data::Dataset& training, const TrainCommandOptions& options) {
  conversion::ArchitectureOptions settings;
  settings.image_shape = training.image_shape();
  settings.classes = training.classes;
  settings.seed = options.common.seed;
  settings.normalization = {training.mean, training.stddev};
  return conversion::build_architecture(options.architecture, settings);
}

conversion::TrainResult train(const ir::Graph& fresh, const data::Dataset& training,
                              const TrainCommandOptions& options) {
  conversion::TrainOptions settings = options.train;
  if (options.activation == "relu") settings.levels = 0;
  settings.augmentation = usual_augmentation(training);
  settings.augmentation.cutout = options.cutout;
  settings.seed = options.common.seed;
  settings.compute.threads = options.common.threads;
  settings.checkpoint = options.output + ".resume.pt";
  return conversion::train(fresh, training, settings, *terminal_progress());
}

conversion::FloatEvaluation evaluate(const ir::Graph& ann, const data::Dataset& test,
                                     const TrainCommandOptions& options) {
  conversion::FloatOptions settings;
  settings.compute = options.train.compute;
  settings.compute.threads = options.common.threads;
  settings.compute.bf16 = false;
  return conversion::evaluate_float(ann, test, settings, *terminal_progress());
}

data::Splits load_splits(const TrainCommandOptions& options) {
  data::Splits splits = data::load(options.data);
  const std::int64_t count = options.training_images;
  if (count > 0 && count < splits.train.size()) splits.train = data::sample(splits.train, count, options.common.seed);
  return splits;
}

/// An unknown architecture is told before the data is read.
void require_known_architecture(const std::string& name) {
  for (const std::string& known : conversion::architecture_names()) {
    if (known == name) return;
  }
  fail("--arch {}: no such architecture; known are {}", name, fmt::join(conversion::architecture_names(), ", "));
}

int run_train(const TrainCommandOptions& options) {
  check_outputs({options.output, options.output + ".resume.pt", options.common.json});
  require_known_architecture(options.architecture);
  const data::Splits splits = load_splits(options);
  const ir::Graph fresh = fresh_network(splits.train, options);
  fmt::print("{}: {} parameters, {} MACs per image; {} images of {}\n", options.architecture,
             grouped(ir::parameter_count(fresh)), grouped(ir::dense_macs(fresh)), grouped(splits.train.size()),
             splits.train.name);
  std::fflush(stdout);
  const auto result = train(fresh, splits.train, options);
  onnx::write(result.graph, options.output);  // before anything else can go wrong
  print_epochs(result.epochs);
  const auto evaluation = evaluate(result.graph, splits.test, options);
  fmt::print("{}: accuracy {} ({} of {})\nwrote {}\n", splits.test.name, percent(evaluation.accuracy),
             evaluation.correct, evaluation.images, options.output);
  Json document = ann_evaluation_json(evaluation, result.graph, splits.test.name, options.train.compute.device);
  document["architecture"] = options.architecture;
  document["activation"] = options.activation;
  document["parameters"] = ir::parameter_count(result.graph);
  document["training_images"] = splits.train.size();
  document["epochs"] = options.train.epochs;
  document["epoch_statistics"] = epochs_json(result.epochs);
  document["output"] = options.output;
  write_json(options.common.json, document);
  return kDone;
}

void add_activation(CLI::App& app, TrainCommandOptions& options) {
  auto& train = options.train;
  app.add_option(
         "--activation", options.activation,
         "relu, or qcfs: trained for spikes from the start; convert it with --epochs 0, or calibrate it further")
      ->check(CLI::IsMember({"relu", "qcfs"}))
      ->capture_default_str();
  app.add_option("--levels", train.levels, "Levels L of QCFS")->check(CLI::Range(1, 256))->capture_default_str();
  app.add_option("--initial-lambda", train.initial_lambda, "Where the thresholds of QCFS start")
      ->check(CLI::Range(1e-3, 1e3))
      ->capture_default_str();
}

void add_recipe(CLI::App& app, TrainCommandOptions& options) {
  auto& train = options.train;
  app.add_option("--epochs", train.epochs, "Passes over the training images")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("--lr", train.learning_rate, "Peak learning rate; linear warm-up, then cosine to 0")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  app.add_option("--batch-size", train.batch_size, "Images per batch")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--weight-decay", train.weight_decay, "Not on batch norms and biases")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--warmup-epochs", train.warmup_epochs, "Epochs of linear warm-up")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  app.add_option("--label-smoothing", train.label_smoothing, "Of the cross-entropy")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  app.add_option("--cutout", options.cutout, "Side of the square that is blanked in training images; 0: none")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

}  // namespace

Action set_up_train(CLI::App& app) {
  auto options = std::make_shared<TrainCommandOptions>();
  app.add_option("--arch", options->architecture,
                 fmt::format("The network: {}", fmt::join(conversion::architecture_names(), ", ")))
      ->type_name("NAME")
      ->required();
  add_data(app, options->data);
  app.add_option("-o,--output", options->output, "Where the ANN goes (.onnx)")->type_name("FILE")->required();
  add_activation(app, *options);
  add_recipe(app, *options);
  app.add_option("--images", options->training_images, "Train on N images drawn by the seed; 0: all")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  app.add_flag("--resume", options->train.resume, "Continue from OUTPUT.resume.pt when it exists");
  add_device(app, options->train.compute.device);
  add_bf16(app, options->train.compute.bf16);
  add_common(app, options->common);
  return [options] { return run_train(*options); };
}

}  // namespace neurocuda::cli
