#include "cli/options.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::cli {
namespace {
constexpr int kMostThreads = 1024;
constexpr int kMostDevices = 1023;
constexpr std::int64_t kMostImages = 100'000'000;
const char* const kTimestepsName = "-T,--timesteps";

/// What commands write, and a data set does not consist of.
bool is_of_commands(const std::filesystem::path& file) {
  const std::filesystem::path extension = file.extension();
  return extension == ".onnx" || extension == ".nir" || extension == ".json" || extension == ".html" ||
         extension == ".pt";
}

/// Fails when writing `file`, which `output` names, would replace the input or a file of the folder that is the input.
void require_apart(const std::string& output, const std::filesystem::path& file, const std::string& input) {
  std::error_code error;
  if (!std::filesystem::exists(file, error) || !std::filesystem::exists(input, error)) return;
  if (std::filesystem::equivalent(file, input, error))
    fail("{}: is the input {} itself, which would be lost; give the output another name", output, input);
  if (!std::filesystem::is_directory(input, error) || is_of_commands(file)) return;
  const std::filesystem::path folder = std::filesystem::canonical(input, error);
  if (std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end())
    fail("{}: is a file of the input {}, which would be lost; give the output another place", output, input);
}
}  // namespace

void add_common(CLI::App& app, CommonOptions& options) {
  app.add_option("--seed", options.seed, "Seed of everything random")->capture_default_str();
  app.add_option("--threads", options.threads, "Threads; 0: all of this machine")
      ->check(CLI::Range(0, kMostThreads))
      ->capture_default_str();
  add_json(app, options.json);
}

void add_json(CLI::App& app, std::string& json) {
  app.add_option("--json", json, "Also write the answer as one JSON document to this file")->type_name("FILE");
}

CLI::Validator timesteps_range() {
  const auto check = [](std::string& text) -> std::string {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (whole && value >= 1 && value <= program::kMaxTimesteps) return "";
    return fmt::format("{} timesteps: give a whole number in 1..{}", text, program::kMaxTimesteps);
  };
  return CLI::Validator(check, fmt::format("1..{}", program::kMaxTimesteps));
}

void add_timesteps(CLI::App& app, std::optional<int>& timesteps) {
  app.add_option(kTimestepsName, timesteps, "Timesteps T; the network's own unless given")->check(timesteps_range());
}

void add_device(CLI::App& app, std::string& device) {
  app.add_option("--device", device, "Where libtorch computes: cpu, cuda, cuda:1")->capture_default_str();
}

void add_gpu(CLI::App& app, int& device) {
  app.add_option("--device", device, "Which GPU, for the target gpu")
      ->check(CLI::Range(0, kMostDevices))
      ->capture_default_str();
}

int gpu_of(const std::string& device) {
  const std::string prefix = "cuda:";
  int index = 0;
  if (device.rfind(prefix, 0) == 0)
    std::from_chars(device.data() + prefix.size(), device.data() + device.size(), index);
  return index;
}

void add_mode(CLI::App& app, std::string& mode) {
  app.add_option("--mode", mode,
                 "synchronous, or exact: accumulate all T inputs of a layer, then fire; the network's own unless given")
      ->check(CLI::IsMember({"synchronous", "exact"}));
}

program::Mode mode_for(const program::Program& program, const std::string& mode) {
  return mode.empty() ? program.mode : program::mode_named(mode);
}

void add_images(CLI::App& app, std::int64_t& images) {
  app.add_option("--images", images, "Only the first N images of the split; 0: all")
      ->check(CLI::Range(std::int64_t{0}, kMostImages))
      ->capture_default_str();
}

void add_split(CLI::App& app, std::string& split) {
  app.add_option("--split", split, "Which images: test or train")
      ->check(CLI::IsMember({"test", "train"}))
      ->capture_default_str();
}

void add_model(CLI::App& app, std::string& model, const std::string& name, const std::string& explanation) {
  app.add_option(name, model, explanation)->type_name("FILE")->required();
}

void check_outputs(const std::vector<std::string>& outputs, const std::vector<std::string>& inputs) {
  std::set<std::filesystem::path> seen;
  for (const std::string& output : outputs) {
    if (output.empty()) continue;
    const AtomicFile probe(output);  // nothing is left of it: only asks whether writing will work
    const std::filesystem::path file = followed(output);
    if (!seen.insert(file).second) fail("{}: two outputs have this name; give each its own file", output);
    for (const std::string& input : inputs) require_apart(output, file, input);
  }
}

}  // namespace neurocuda::cli
