#include "neurocuda/verify/verify.hpp"

#include <fmt/format.h>

#include <memory>

#include "cli/data_source.hpp"
#include "cli/fault.hpp"
#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/options.hpp"
#include "cli/subcommands.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::cli {
namespace {

struct VerifyCommandOptions {
  CommonOptions common;
  std::string model, split = "test", mode, against, fault;
  DataOptions data;
  std::vector<std::string> targets = {"reference", "cpu"};
  std::optional<int> timesteps;
  std::int64_t images = 0, batch_size = 0;
  int device = 0;
  bool has_suspect() const { return !against.empty() || !fault.empty(); }
};

using Executables = std::vector<std::unique_ptr<runtime::Executable>>;

/// What the last target runs: the program itself unless --against or --inject-fault says otherwise.
program::Program suspect_program(const program::Program& program, const VerifyCommandOptions& options) {
  program::Program suspect = options.against.empty() ? program : read_snn(options.against);
  if (options.fault.empty()) return suspect;
  const Fault fault = parse_fault(options.fault);
  faulty_channel(suspect, fault);  // names the layer or the weight that does not exist
  return verify::with_changed_weight(suspect, fault.layer, fault.weight, fault.delta);
}

/// One target alone is compared with itself, but only when it is to run another program the second time.
std::vector<std::string> targets_to_run(const VerifyCommandOptions& options) {
  std::vector<std::string> targets = options.targets;
  if (targets.size() == 1 && options.has_suspect()) targets.push_back(targets.front());
  if (targets.size() < 2) fail("--targets {}: nothing to compare with; name two or more", fmt::join(targets, ","));
  for (const std::string& target : targets) runtime::backend(target);
  return targets;
}

Executables compile_all(const program::Program& program, const VerifyCommandOptions& options) {
  const auto targets = targets_to_run(options);
  const program::Program suspect = suspect_program(program, options);
  Executables executables;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    executables.push_back(runtime::compile(i + 1 == targets.size() ? suspect : program, targets[i], {options.device}));
  }
  return executables;
}

verify::Verification verify_all(const Executables& executables, const data::Dataset& dataset,
                                const VerifyCommandOptions& options) {
  std::vector<const runtime::Executable*> borrowed;
  for (const auto& executable : executables) borrowed.push_back(executable.get());
  verify::VerifyOptions settings;
  settings.timesteps = options.timesteps.value_or(0);
  settings.threads = options.common.threads;
  settings.mode = mode_for(executables.front()->program(), options.mode);
  settings.batch_size = options.batch_size;
  return verify::verify(borrowed, dataset, settings, *terminal_progress());
}

int run_verify(const VerifyCommandOptions& options) {
  check_outputs({options.common.json}, {options.model, options.data.source, options.against});
  targets_to_run(options);
  const program::Program program = read_snn(options.model);
  const Executables executables = compile_all(program, options);
  Notices notices;
  const data::Dataset dataset =
      load_images(options.data, options.split, options.images, consumer(options.model, program), notices);
  const auto verification = verify_all(executables, dataset, options);
  print_verification(verification);
  Json document = report::to_json(verification);
  document["mode"] = name_of(mode_for(program, options.mode));
  document["data"] = dataset.name;
  document["model"] = options.model;
  document["notices"] = notices.list();
  document["against"] = options.against.empty() ? Json(nullptr) : Json(options.against);
  document["injected_fault"] = options.fault.empty() ? Json(nullptr) : Json(options.fault);
  write_json(options.common.json, document);
  return verification.passed() ? kDone : kAnswerIsNo;
}

}  // namespace

Action set_up_verify(CLI::App& app) {
  auto options = std::make_shared<VerifyCommandOptions>();
  add_model(app, options->model, "SNN", "The network (.nir)");
  add_data(app, options->data);
  add_split(app, options->split);
  add_images(app, options->images);
  app.add_option("--targets", options->targets,
                 "Targets to compare, with commas; the others are compared with the first")
      ->delimiter(',')
      ->capture_default_str();
  add_gpu(app, options->device);
  add_timesteps(app, options->timesteps);
  add_mode(app, options->mode);
  app.add_option("--batch-size", options->batch_size, "Images per batch; 0: as many as 256 MB of records hold")
      ->check(CLI::Range(0, 65536))
      ->capture_default_str();
  app.add_option("--against", options->against, "The last target runs this network (.nir) instead")->type_name("FILE");
  app.add_option(
         "--inject-fault", options->fault,
         "The last target runs with one weight changed, by 1 unless DELTA is given: a test of the verification itself")
      ->type_name("LAYER:WEIGHT[:DELTA]");
  add_common(app, options->common);
  return [options] { return run_verify(*options); };
}

}  // namespace neurocuda::cli
