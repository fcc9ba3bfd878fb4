#include "cli/data_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::cli {
namespace {

/// Fails, naming the model, the data and both shapes, when images of the data set do not fit the model's input.
void require_fit(const Consumer& consumer, const data::Dataset& dataset) {
  if (consumer.spike_trains && dataset.timesteps() == 0) {
    fail("{}: takes spike trains, but those of {} are still images; give a data set with a time axis, (N, T, C, H, W)",
         consumer.file, dataset.name);
  }
  if (consumer.input == dataset.image_shape()) return;
  fail(
      "{}: takes images of shape {}, but those of {} are {}; give the --data that the model was trained on, or "
      "--resize "
      "and --crop",
      consumer.file, to_string(consumer.input), dataset.name, to_string(dataset.image_shape()));
}

/// Empty when the network has an answer for every label.
std::string class_notice(const Consumer& consumer, const data::Dataset& dataset) {
  const auto beyond = std::ranges::count_if(dataset.labels, [&](data::Label l) { return l >= consumer.classes; });
  if (beyond == 0) return "";
  return fmt::format("{}: {} of {} images have labels beyond the {} classes of {}; they count as wrong", dataset.name,
                     beyond, dataset.size(), consumer.classes, consumer.file);
}

/// An ANN sees spike trains as this; so does a spiking network of still images.
std::string mean_notice(const data::Dataset& dataset) {
  return fmt::format("{}: spike trains of {} timesteps; a network of still images sees their mean over time",
                     dataset.name, dataset.timesteps());
}

void check_and_note(const data::Dataset& dataset, const Consumer& consumer, Notices& notices) {
  require_fit(consumer, dataset);
  if (dataset.timesteps() > 0 && !consumer.spike_trains) notices.add(mean_notice(dataset));
  notices.add(dataset.notices);
  notices.add(data::normalisation_notice(dataset, consumer.file, consumer.states_normalisation));
  notices.add(class_notice(consumer, dataset));
}

void add_settings(CLI::App& app, DataOptions& options) {
  app.add_option("--resize", options.resize, "Scale images until their shorter side has so many pixels")
      ->check(CLI::Range(1, 16384).description(""))
      ->type_name("N");
  app.add_option("--crop", options.crop,
                 "Then cut out the middle: N or HxW pixels; both default to what the model takes")
      ->type_name("HxW");
  app.add_option("--mean", options.mean, "Of pixel / 255, for all channels or each, with commas")->delimiter(',');
  app.add_option("--stddev", options.stddev, "What is divided by then; the model's own mean and stddev unless given")
      ->delimiter(',');
}

}  // namespace

data::LoadOptions DataOptions::load_options(const Shape& network) const {
  data::LoadOptions load;
  load.resize = resize;
  if (!crop.empty()) load.crop = data::parse_crop(crop, "--crop");
  load.mean = mean;
  load.stddev = stddev;
  load.expected = network;
  return load;
}

void add_data(CLI::App& app, DataOptions& options) {
  app.add_option("--data", options.source,
                 "The images: 'digits', a .npz file, a folder of images, CIFAR, MNIST or EMNIST (docs/data.md)")
      ->type_name("SOURCE")
      ->required();
  add_settings(app, options);
}

void add_optional_data(CLI::App& app, DataOptions& options, const std::string& explanation) {
  app.add_option("--data", options.source, explanation)->type_name("SOURCE");
  add_settings(app, options);
}

Consumer consumer(const std::string& file, const ir::Graph& ann) {
  const ir::Input& input = ann.input_operator();
  return {file, input.shape, !input.normalization.empty(), ir::infer_shapes(ann)[ann.output()].at(0)};
}

Consumer consumer(const std::string& file, const program::Program& program) {
  return {file, program.nodes.front().shape, !program.input().mean.empty(),
          program::channels(program.nodes.back().shape),
          program.input().encoding == program::InputEncoding::spike_train};
}

data::Dataset load_images(const DataOptions& options, const std::string& split, std::int64_t images,
                          const Consumer& consumer, Notices& notices) {
  const data::Split part = split == "train" ? data::Split::train : data::Split::test;
  const data::Dataset dataset = data::load(options.source, part, options.load_options(consumer.input));
  check_and_note(dataset, consumer, notices);
  return data::head(dataset, images);
}

data::Splits load_splits(const DataOptions& options, std::int64_t test_images, const Consumer& consumer,
                         Notices& notices) {
  data::Splits splits = data::load(options.source, options.load_options(consumer.input));
  check_and_note(splits.train, consumer, notices);
  require_fit(consumer, splits.test);
  notices.add(splits.test.notices);
  if (test_images > 0) splits.test = data::head(splits.test, test_images);
  return splits;
}

data::Splits load_training(const DataOptions& options, Notices& notices) {
  data::Splits splits = data::load(options.source, options.load_options({}));
  data::require_labels(splits.train, "training");
  data::require_labels(splits.test, "the accuracy after training");
  notices.add(splits.train.notices);
  notices.add(splits.test.notices);
  if (splits.train.timesteps() > 0) notices.add(mean_notice(splits.train));
  notices.add(data::normalisation_notice(splits.train, "", false));
  return splits;
}

}  // namespace neurocuda::cli
