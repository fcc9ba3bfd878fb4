#include "cli/early_exit.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "cli/out.hpp"
#include "cli/table.hpp"
#include "neurocuda/base/report_json.hpp"
#include "neurocuda/data/at_most.hpp"

namespace neurocuda::cli {
namespace {

constexpr std::int64_t kCalibrationImages = 5000;
constexpr std::array kLosses{0.001, 0.002, 0.005, 0.01};

std::vector<std::int64_t> last_answers(const metrics::AnswersOverTime& answers) {
  const std::int64_t timesteps = answers.classes.extent(1);
  std::vector<std::int64_t> last;
  for (std::int64_t i = 0; i < answers.classes.extent(0); ++i) last.push_back(answers.classes[(i + 1) * timesteps - 1]);
  return last;
}

}  // namespace

EarlyExitTable early_exit_table(const runtime::Executable& executable, const data::Dataset& calibration,
                                const data::Dataset& test, const metrics::EvaluateOptions& options) {
  const auto progress = terminal_progress();
  const auto named = [&](const std::string& task) {
    metrics::EvaluateOptions evaluate = options;
    evaluate.task = task;
    return evaluate;
  };
  const data::Dataset chosen = data::at_most(calibration, kCalibrationImages, 0);
  const auto seen = metrics::answers_over_time(executable, chosen, named("calibration answers over time"), *progress);
  const auto after_all =
      last_answers(metrics::answers_over_time(executable, test, named("answers over time"), *progress));
  EarlyExitTable table;
  table.chosen_on = fmt::format("{}, {} images, {}", calibration.name, chosen.size(),
                                chosen.labelled() ? "by accuracy" : "by agreement with the answers after T");
  const auto add = [&](const std::string& rule_name, const runtime::ExitRule* rule, double margin, double loss) {
    auto row = metrics::evaluate_early_exit(executable, test, rule, after_all, named("early exit"), *progress);
    row.rule = rule_name;
    row.margin = margin;
    row.loss = loss;
    table.rows.push_back(std::move(row));
  };
  const runtime::ExactExit exact(executable.program());
  add("none", nullptr, 0, 0);
  add("exact", &exact, 0, 0);
  for (const double loss : kLosses) {
    const double margin = metrics::margin_for(seen, chosen.labels, loss);
    const runtime::MarginExit rule(executable.program(), margin);
    add("margin", &rule, margin, loss);
  }
  return table;
}

void print_early_exit(const EarlyExitTable& table) {
  Table text({"early exit", "accuracy", "answers of T", "mean timesteps", "images/s"});
  for (const metrics::EarlyExitEvaluation& row : table.rows) {
    const std::string rule =
        row.rule == "margin" ? fmt::format("margin {:.3g}, for {:.1f} points", row.margin, 100 * row.loss) : row.rule;
    text.add({rule, std::isnan(row.accuracy) ? "-" : percent(row.accuracy), percent(row.same_answer),
              fmt::format("{:.2f}", row.mean_timesteps), with_unit_prefix(row.images_per_second)});
  }
  out::print("\nmargins (logits x timesteps) were chosen on {}\n{}", table.chosen_on, text.to_string());
}

Json early_exit_json(const EarlyExitTable& table) {
  return {{"chosen_on", table.chosen_on}, {"rows", report::to_json(table.rows)}};
}

}  // namespace neurocuda::cli
