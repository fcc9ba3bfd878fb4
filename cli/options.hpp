#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "neurocuda/program/program.hpp"

/// Options that several subcommands share, so that they are spelled, checked and explained once.
namespace neurocuda::cli {

/// On every subcommand.
struct CommonOptions {
  std::uint64_t seed = 0;
  int threads = 0;
  std::string json;
};
void add_common(CLI::App& app, CommonOptions& options);
/// --json alone, where --seed and --threads come from a settings table.
void add_json(CLI::App& app, std::string& json);

/// Checks that T lies in 1..program::kMaxTimesteps; usable on single values and lists.
CLI::Validator timesteps_range();

/// Absent: the network's own.
void add_timesteps(CLI::App& app, std::optional<int>& timesteps);
void add_device(CLI::App& app, std::string& device);
/// --device N: which GPU, for --target gpu.
void add_gpu(CLI::App& app, int& device);
/// The GPU in "cuda:1", a --device of libtorch: 1; 0 where none is named.
int gpu_of(const std::string& device);

/// --mode synchronous|exact; absent: the one that the network was converted for.
void add_mode(CLI::App& app, std::string& mode);
program::Mode mode_for(const program::Program& program, const std::string& mode);

/// --images N: only the first N; 0 is all.
void add_images(CLI::App& app, std::int64_t& images);
/// --split test|train.
void add_split(CLI::App& app, std::string& split);
/// MODEL or the like: a required positional file.
void add_model(CLI::App& app, std::string& model, const std::string& name, const std::string& explanation);

/// Fails unless every non-empty output can be written, no two are the same file, and none is one of the inputs, which
/// it would replace; called before long work starts.
void check_outputs(const std::vector<std::string>& outputs, const std::vector<std::string>& inputs);

}  // namespace neurocuda::cli
