#include <fmt/format.h>

#include <cstdlib>
#include <memory>

#include "cli/demo_pipeline.hpp"
#include "cli/json_report.hpp"
#include "cli/options.hpp"
#include "cli/out.hpp"
#include "cli/page/demo_report.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::cli {
namespace {

void print_accuracies(const Demo& demo) {
  Table table({"T", "ANN", "SNN", "agreement", "= reference", "sparsity", "spikes/image"});
  for (const auto& run : demo.runs) {
    const auto& reference = run.evaluations.front();
    const auto& cpu = run.evaluations.back();
    table.add({std::to_string(run.timesteps), percent(demo.ann_evaluation.accuracy), percent(cpu.accuracy),
               percent(run.conversion.stages.back().agreement.value_or(0)),
               reference.predictions == cpu.predictions ? "yes" : "NO", percent(cpu.sparsity),
               with_unit_prefix(cpu.spikes_per_image)});
  }
  out::print("\nTest accuracy ({}, {} images)\n{}", demo.data.test.name, demo.data.test.size(), table.to_string());
}

void print_fault(const DemoFault& fault) {
  const auto& first = fault.verification.first_deviation;
  out::print("Weight {} of layer {} (channel {}) changed by {}: {}\n", fault.fault.weight, fault.fault.layer,
             fault.channel, fault.fault.delta, fault.caught() ? "caught" : "NOT CAUGHT");
  if (first) out::print("  first deviation: {}\n", first->to_string());
}

void print_demo(const Demo& demo, const DemoOptions& options) {
  out::print("{}: {} parameters, trained for {} epochs on {} images; {} IF neurons\n", demo.ann.graph.name,
             grouped(ir::parameter_count(demo.ann.graph)), options.epochs, grouped(demo.data.train.size()),
             grouped(program::neuron_count(demo.shown().conversion.lowered.program)));
  print_accuracies(demo);
  out::print("\nStages of the conversion at T = {}\n", kShownTimesteps);
  print_stages(demo.shown().conversion);
  out::print("\nVerified: {} deviations over {} neuron-timesteps, spikes and membranes, reference = cpu\n",
             grouped(demo.deviations()), grouped(demo.neuron_timesteps()));
  out::print("  (at T = {} the cpu ran the network as read back from {})\n", kShownTimesteps,
             options.snn_path().string());
  print_fault(demo.fault);
  out::print("\nwrote {} (ANN), {} (SNN at T = {}), {}\n{:.1f} s\n", options.ann_path().string(),
             options.snn_path().string(), kShownTimesteps, options.report_path().string(), demo.seconds);
}

Json fault_json(const DemoFault& fault) {
  return {{"layer", fault.fault.layer}, {"weight", fault.fault.weight},
          {"delta", fault.fault.delta}, {"channel", fault.channel},
          {"caught", fault.caught()},   {"verification", report::to_json(fault.verification)}};
}

Json document_of(const Demo& demo, const DemoOptions& options) {
  Json evaluations = Json::array(), verifications = Json::array(), conversions = Json::array();
  for (const auto& run : demo.runs) {
    for (const auto& evaluation : run.evaluations) evaluations.push_back(report::to_json(evaluation));
    verifications.push_back(report::to_json(run.verification));
    conversions.push_back(report::to_json(run.conversion));
  }
  return {{"ann_accuracy", demo.ann_evaluation.accuracy},
          {"evals", std::move(evaluations)},
          {"verifications", std::move(verifications)},
          {"conversions", std::move(conversions)},
          {"injected_fault", fault_json(demo.fault)},
          {"neuron_timesteps", demo.neuron_timesteps()},
          {"deviations", demo.deviations()},
          {"data", demo.data.test.name},
          {"files",
           {{"ann", options.ann_path().string()},
            {"snn", options.snn_path().string()},
            {"snn_timesteps", kShownTimesteps},
            {"report", options.report_path().string()}}},
          {"seconds", demo.seconds}};
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail("--out {}: the folder cannot be made: {}; choose another", folder.string(), error.message());
}

/// libtorch, oneDNN and MKL pick their kernels by the processor, and each sums in another order: a network trained with
/// AVX-512 answers a few images otherwise than one trained with AVX2. The demo's figures shall be the same on every
/// machine that has AVX2. They look at these before their first kernel; who has set one means it.
void fix_instruction_set() {
  setenv("ATEN_CPU_CAPABILITY", "avx2", 0);
  setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 0);
  setenv("MKL_CBWR", "AVX2", 0);
}

int run_demo_command(const DemoOptions& options) {
  fix_instruction_set();
  make_folder(options.folder);
  check_outputs(
      {options.ann_path().string(), options.snn_path().string(), options.report_path().string(), options.common.json},
      {});
  const Demo demo = run_demo(options, *terminal_progress());
  write_file(options.report_path(), page::demo_report(demo, options));
  print_demo(demo, options);
  write_json(options.common.json, document_of(demo, options));
  return demo.deviations() == 0 && demo.fault.caught() ? kDone : kAnswerIsNo;
}

}  // namespace

Action set_up_demo(CLI::App& app) {
  auto options = std::make_shared<DemoOptions>();
  app.add_option("--out", options->folder, "Folder for ann.onnx, snn.nir and report.html")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--epochs", options->epochs, "Of the ANN")->check(CLI::Range(1, 1000))->capture_default_str();
  add_common(app, options->common);
  return [options] { return run_demo_command(*options); };
}

}  // namespace neurocuda::cli
