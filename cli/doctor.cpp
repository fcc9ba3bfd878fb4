#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/data_source.hpp"
#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/options.hpp"
#include "cli/out.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"

namespace neurocuda::cli {
namespace {

constexpr std::int64_t kDoctorImages = 1000;
constexpr int kDoctorTimesteps = 32;

struct DoctorOptions {
  CommonOptions common;
  std::string model;
  DataOptions data;
  std::optional<int> timesteps;
};

std::int64_t count(const std::vector<passes::Finding>& findings, passes::Verdict verdict) {
  return std::count_if(findings.begin(), findings.end(),
                       [&](const auto& finding) { return finding.verdict == verdict; });
}

void print_findings(const std::vector<passes::Finding>& findings) {
  Table table({"node", "operator", "verdict", "why"});
  table.align_left(1).align_left(2).align_left(3);
  for (const auto& finding : findings) {
    table.add({finding.node, finding.op, std::string(name_of(finding.verdict)), finding.reason});
  }
  out::print("{}\n", table.to_string());
  for (const auto& finding : findings) {
    if (!finding.remedy.empty()) out::print("{}: {}\n", finding.node, finding.remedy);
  }
}

/// An ANN: can it be converted?
Json examine(const ir::Graph& ann, bool& healthy) {
  const auto findings = passes::diagnose(ann);
  print_findings(findings);
  const auto refused = count(findings, passes::Verdict::refused);
  const auto approximate = count(findings, passes::Verdict::approximate);
  const auto exact = count(findings, passes::Verdict::exact);
  healthy = refused == 0;
  out::print("{} exact, {} approximate, {} refused: {}\n", exact, approximate, refused,
             healthy ? "the network can be converted" : "the network cannot be converted as it stands");
  return {{"findings", report::to_json(findings)},
          {"exact", exact},
          {"approximate", approximate},
          {"refused", refused},
          {"convertible", healthy}};
}

/// An ANN that cannot be read: all that is in the way. Nothing when it is not an ANN's reader that refuses.
std::optional<Json> examine_unread(const std::string& path) {
  const std::vector<passes::Finding> findings = find_refusals(path);
  if (findings.empty()) return std::nullopt;
  print_findings(findings);
  out::print("{} refused: the network cannot be read as it stands\n", findings.size());
  return Json{{"findings", report::to_json(findings)},
              {"exact", 0},
              {"approximate", 0},
              {"refused", findings.size()},
              {"convertible", false}};
}

/// An ANN with data: where would its rates go wrong, if it were converted without training?
Json attribute(const ir::Graph& ann, const DoctorOptions& options, Notices& notices) {
  const data::Dataset images = load_images(options.data, "train", kDoctorImages, consumer(options.model, ann), notices);
  conversion::ConvertOptions convert;
  conversion::Settings& settings = convert.settings;
  settings.timesteps = options.timesteps.value_or(kDoctorTimesteps);
  settings.epochs = 0;
  settings.tune = conversion::FineTuning::none;
  settings.seed = options.common.seed;
  settings.threads = options.common.threads;
  const auto conversion = conversion::convert(ann, images, nullptr, convert, *terminal_progress());
  out::print("\nT = {}, without training, {} images of {}\n", settings.timesteps, images.size(), images.name);
  print_attribution(conversion.attribution);
  return report::to_json(conversion.attribution);
}

/// An SNN: do its proofs hold?
Json examine(const program::Program& program, const std::optional<int>& timesteps, bool& healthy) {
  const auto bounds = program::prove_bounds(program, timesteps.value_or(program.timesteps));
  print_bounds(bounds);
  print_bounds_summary(bounds);
  healthy = bounds.fits_int32;
  return {{"bounds", report::to_json(bounds)}, {"runnable", healthy}};
}

/// The findings on a model that can be read.
Json examine(const Model& model, const DoctorOptions& options, Notices& notices, bool& healthy) {
  Json document;
  if (const auto* program = std::get_if<program::Program>(&model)) {
    if (!options.data.source.empty()) fail("--data: {} is an SNN already; give the ANN (.onnx)", options.model);
    document = examine(*program, options.timesteps, healthy);
  } else {
    const auto& ann = std::get<ir::Graph>(model);
    document = examine(ann, healthy);
    if (!options.data.source.empty()) {
      if (healthy) document["attribution"] = attribute(ann, options, notices);
    } else if (ann.input_operator().normalization.empty()) {
      notices.add(
          fmt::format("{}: states no mean and stddev; those of the data set are assumed wherever it takes one, "
                      "or pixel / 255; give others if it was trained with others",
                      options.model));
    }
  }
  return document;
}

int run_doctor(const DoctorOptions& options) {
  check_outputs({options.common.json}, {options.model, options.data.source});
  bool healthy = false;
  Json document;
  Notices notices;
  std::optional<Model> model;
  try {
    model = read_model(options.model, notices);
  } catch (const UnsupportedOperator&) {
    const auto unread = examine_unread(options.model);
    if (!unread) throw;
    document = *unread;
  }
  if (model) document = examine(*model, options, notices, healthy);
  document["model"] = options.model;
  document["notices"] = notices.list();
  write_json(options.common.json, document);
  return healthy ? kDone : kAnswerIsNo;
}

}  // namespace

Action set_up_doctor(CLI::App& app) {
  auto options = std::make_shared<DoctorOptions>();
  add_model(app, options->model, "MODEL", "An ANN (.onnx): will it convert? An SNN (.nir): do its bounds hold?");
  add_optional_data(app, options->data, "Also attribute the rate errors of an untrained conversion on these images");
  add_timesteps(app, options->timesteps);
  add_common(app, options->common);
  return [options] { return run_doctor(*options); };
}

}  // namespace neurocuda::cli
