#include "onnx/read/remedies.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace neurocuda::onnx {
namespace {

constexpr const char* kTrainWithRelu = "replace it by ReLU and train again";
constexpr const char* kNoRate = "a spike rate cannot take its values";

bool is_read_by(const proto::NodeProto& node, const Uses& uses, std::string_view op_type) {
  if (node.output_size() == 0) return false;
  return std::ranges::any_of(uses.readers(node.output(0)),
                             [&](const auto* reader) { return reader->op_type() == op_type; });
}

/// Sigmoid and HardSigmoid are most often one half of something else.
Advice gate_advice(const proto::NodeProto& node, const Uses& uses) {
  if (node.output_size() > 0 && uses.is_output(node.output(0)))
    return {"ends the network with a function that has no counterpart", "export the logits, without it"};
  if (!is_read_by(node, uses, "Mul")) return {kNoRate, kTrainWithRelu};
  const auto& input = node.input_size() > 0 ? node.input(0) : node.output(0);
  for (const auto* reader : uses.readers(node.output(0))) {
    const auto& factors = reader->input();
    if (reader->op_type() == "Mul" && std::ranges::find(factors, input) != factors.end())
      return {"is one half of SiLU (swish), whose values a spike rate cannot take",
              "replace SiLU by ReLU and train again"};
  }
  return {"is a gate, as in squeeze-and-excitation; the product of two spike rates has no counterpart",
          "leave the gate out and train again"};
}

const std::unordered_map<std::string_view, Advice>& advices() {
  const Advice activation{kNoRate, kTrainWithRelu};
  const Advice normalization{"normalises by statistics of the image itself", "use batch norm and train again"};
  const Advice classes{"turns the logits into classes", "export the logits, without it"};
  const Advice recurrent{"is recurrent", "use convolutions, and train again"};
  const Advice quantised{"computes in integers of its own",
                         "export the float32 model, or one with QuantizeLinear and DequantizeLinear (QDQ)"};
  const Advice resized{
      "enlarges the image",
      "use a strided convolution or pooling; transposed convolutions and resizing have no counterpart"};
  const Advice control{"makes the network depend on the image",
                       "export with fixed shapes and without branches on values"};
  static const std::unordered_map<std::string_view, Advice> table = {
      {"Tanh", activation},
      {"PRelu", activation},
      {"Elu", activation},
      {"Selu", activation},
      {"Celu", activation},
      {"Gelu", activation},
      {"Erf", {"is part of GELU, whose values a spike rate cannot take", "replace GELU by ReLU and train again"}},
      {"HardSwish", activation},
      {"Swish", activation},
      {"Mish", activation},
      {"Softplus", activation},
      {"Softsign", activation},
      {"ThresholdedRelu", activation},
      {"InstanceNormalization", normalization},
      {"LayerNormalization", normalization},
      {"GroupNormalization", normalization},
      {"RMSNormalization", normalization},
      {"LRN", normalization},
      {"LpNormalization", normalization},
      {"MeanVarianceNormalization", normalization},
      {"ArgMax", classes},
      {"TopK", classes},
      {"LSTM", recurrent},
      {"GRU", recurrent},
      {"RNN", recurrent},
      {"QLinearConv", quantised},
      {"QLinearMatMul", quantised},
      {"ConvInteger", quantised},
      {"MatMulInteger", quantised},
      {"DynamicQuantizeLinear", quantised},
      {"ConvTranspose", resized},
      {"Resize", resized},
      {"Upsample", resized},
      {"If", control},
      {"Loop", control},
      {"Scan", control},
      {"Where", control},
      {"Attention", {"is attention, which has no counterpart", "use convolutions, and train again"}},
      {"Einsum", {"is a product of values in an order of axes of its own", "use a linear layer or a convolution"}},
  };
  return table;
}

Advice by_operator(const std::string& op_type) {
  const auto found = advices().find(op_type);
  if (found != advices().end()) return found->second;
  return {
      "this operator is not supported",
      "build the network from convolutions, linear layers, batch norm, ReLU, pooling, concatenation and residual adds"};
}

}  // namespace

Advice advice(const proto::NodeProto& node, const Uses& uses) {
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  if (!standard) {
    return {
        "this operator is not one of ONNX's own",
        "build the network from ONNX's own convolutions, linear layers, batch norm, ReLU, pooling and residual adds"};
  }
  if (node.op_type() == "Sigmoid" || node.op_type() == "HardSigmoid") return gate_advice(node, uses);
  return by_operator(node.op_type());
}

std::vector<std::pair<std::string_view, Advice>> advised_operators() { return {advices().begin(), advices().end()}; }

}  // namespace neurocuda::onnx
