#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/notices.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/ir/graph.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::cli {

/// --data, and how its images become what a network takes.
struct DataOptions {
  std::string source, crop;
  std::int64_t resize = 0;
  std::vector<float> mean, stddev;

  /// `network`: (C, H, W) of the one that takes them; empty without one.
  data::LoadOptions load_options(const Shape& network) const;
};

/// --data SOURCE, --resize, --crop, --mean, --stddev.
void add_data(CLI::App& app, DataOptions& options);
/// The same, where --data may be left out: `explanation` says what for.
void add_optional_data(CLI::App& app, DataOptions& options, const std::string& explanation);

/// The network that takes the images, as far as they need to know it.
struct Consumer {
  std::string file;
  Shape input;
  bool states_normalisation = false;
  std::int64_t classes = 0;   ///< that it answers with
  bool spike_trains = false;  ///< it takes such; everything else takes still images
};
Consumer consumer(const std::string& file, const ir::Graph& ann);
Consumer consumer(const std::string& file, const program::Program& program);

/// The images that --data, --split and --images name, for this network: reads only the files that are needed, and notes
/// what was assumed. UserError when they do not fit.
data::Dataset load_images(const DataOptions& options, const std::string& split, std::int64_t images,
                          const Consumer& consumer, Notices& notices);
/// Both parts of --data for this network, the test part as far as --images says; 0: all of it.
data::Splits load_splits(const DataOptions& options, std::int64_t test_images, const Consumer& consumer,
                         Notices& notices);
/// Both parts of --data for a new network, which need labels.
data::Splits load_training(const DataOptions& options, Notices& notices);

}  // namespace neurocuda::cli
