#include <map>

#include "neurocuda/onnx/operators.hpp"
#include "onnx/read/fold/folders.hpp"
#include "onnx/read/importers.hpp"
#include "onnx/read/remedies.hpp"

namespace neurocuda::onnx {

std::vector<OperatorSupport> operators() {
  std::map<std::string, OperatorSupport> known;
  for (const auto name : imported_operators()) known[std::string(name)].read = true;
  for (const auto name : folded_operators()) known[std::string(name)].computed = true;
  for (const auto& [name, advice] : advised_operators()) {
    OperatorSupport& support = known[std::string(name)];
    if (support.read) continue;
    support.reason = advice.reason;
    support.remedy = advice.remedy;
  }
  std::vector<OperatorSupport> list;
  for (auto& [name, support] : known) {
    support.name = name;
    list.push_back(std::move(support));
  }
  return list;
}

}  // namespace neurocuda::onnx
