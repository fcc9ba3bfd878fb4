#include "cli/network_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/page/picture.hpp"
#include "neurocuda/base/file.hpp"
#include "neurocuda/metrics/program_inputs.hpp"
#include "neurocuda/program/encode.hpp"

namespace neurocuda::cli {
namespace {

constexpr std::int64_t kFirst = 8, kDiffering = 8;

/// The first images, then the first on which the answers differ.
std::vector<std::int64_t> chosen_images(std::int64_t images, const std::vector<std::int64_t>& ann,
                                        const std::vector<std::int64_t>& snn) {
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < std::min(images, kFirst); ++i) chosen.push_back(i);
  if (ann.size() != snn.size()) return chosen;
  std::int64_t differing = 0;
  for (auto i = static_cast<std::size_t>(kFirst); i < ann.size() && differing < kDiffering; ++i) {
    if (ann[i] == snn[i]) continue;
    chosen.push_back(static_cast<std::int64_t>(i));
    ++differing;
  }
  return chosen;
}

std::string class_name(const data::Dataset& images, std::int64_t index) {
  const auto at = static_cast<std::size_t>(index);
  return at < images.class_names.size() ? images.class_names[at] : std::to_string(index);
}

std::optional<std::string> answer_at(const data::Dataset& images, const std::vector<std::int64_t>& answers,
                                     std::int64_t image) {
  if (answers.empty()) return std::nullopt;
  return class_name(images, answers.at(static_cast<std::size_t>(image)));
}

}  // namespace

void add_report(CLI::App& app, std::string& path) {
  app.add_option("--report", path, "Also write a self-contained page (.html) with charts and sample images")
      ->type_name("FILE");
}

std::vector<int> report_timesteps(int timesteps) {
  std::vector<int> list;
  for (int t = 1; t < timesteps; t *= 2) list.push_back(t);
  list.push_back(timesteps);
  return list;
}

std::vector<double> agreements(const network::FloatEvaluation& ann,
                               const std::vector<metrics::Evaluation>& evaluations) {
  std::vector<double> shares;
  for (const auto& evaluation : evaluations)
    shares.push_back(metrics::agreement(ann.predictions, evaluation.predictions));
  return shares;
}

void add_ann(page::NetworkFacts& facts, const network::FloatEvaluation& ann) {
  facts.ann_accuracy = ann.accuracy;
  facts.agreement = agreements(ann, facts.evaluations);
}

void add_modes(page::NetworkFacts& facts, const runtime::Executable& executable, const data::Dataset& images,
               metrics::EvaluateOptions evaluate, const std::vector<std::int64_t>& ann) {
  const auto figures = [&](const metrics::Evaluation& evaluation) {
    page::ModeFigures mode{evaluation, std::nullopt};
    if (!ann.empty()) mode.agreement = metrics::agreement(ann, evaluation.predictions);
    return mode;
  };
  evaluate.timesteps = facts.evaluations.back().timesteps;
  evaluate.mode = evaluate.mode == program::Mode::exact ? program::Mode::synchronous : program::Mode::exact;
  facts.modes = {figures(facts.evaluations.back()),
                 figures(metrics::evaluate(executable, images, evaluate, *terminal_progress()))};
}

void add_samples(page::NetworkFacts& facts, const data::Dataset& images, const std::vector<std::int64_t>& ann,
                 const std::vector<std::int64_t>& snn) {
  for (const std::int64_t i : chosen_images(images.size(), ann, snn)) {
    page::Sample sample;
    sample.image = i;
    sample.pixels = page::visible_pixels(images, i);
    if (images.labelled()) sample.label = class_name(images, images.labels[static_cast<std::size_t>(i)]);
    sample.ann = answer_at(images, ann, i);
    sample.snn = answer_at(images, snn, i);
    facts.samples.push_back(std::move(sample));
  }
}

void add_record(page::NetworkFacts& facts, const runtime::Executable& executable, const data::Dataset& images,
                program::Mode mode) {
  const auto& program = executable.program();
  const std::int64_t image = facts.samples.front().image;
  const Tensor<float> values = metrics::inputs_of(program, images, image, image + 1);
  runtime::RunOptions options;
  options.timesteps = facts.evaluations.back().timesteps;
  options.mode = mode;
  options.wanted.recording = runtime::Recording::spikes;
  facts.record =
      std::move(executable.run(program::encode(program, values.view(), options.timesteps), options).record());
  facts.program = &program;
}

void write_report(const std::string& path, const page::NetworkFacts& facts) {
  if (!path.empty()) write_file(path, page::network_page(facts));
}

}  // namespace neurocuda::cli
