#include "cli/json_report.hpp"

#include "neurocuda/base/file.hpp"
#include "neurocuda/base/settings_json.hpp"
#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::cli {

Json ann_evaluation_json(const network::FloatEvaluation& evaluation, const ir::Graph& ann, const std::string& data,
                         const std::string& target) {
  return {{"accuracy", evaluation.accuracy},
          {"correct", evaluation.correct},
          {"images", evaluation.images},
          {"target", target},
          {"isa", "float32"},
          {"data", data},
          {"dense_macs_per_image", ir::dense_macs(ann)},
          {"images_per_second", evaluation.images_per_second}};
}

void write_json(const std::string& path, const Json& document) {
  if (path.empty()) return;
  // Names come from files of others: bytes that are not UTF-8 are replaced, never a reason to lose the answer.
  write_file(path, document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace neurocuda::cli
