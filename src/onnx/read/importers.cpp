#include "onnx/read/importers.hpp"

#include <unordered_map>

#include "onnx/qcfs_function.hpp"
#include "onnx/read/fold/folders.hpp"

namespace neurocuda::onnx {

namespace {

const std::unordered_map<std::string_view, Importer>& importers() {
  static const std::unordered_map<std::string_view, Importer> table = {
      {"Add", import_add},
      {"AveragePool", import_average_pool},
      {"BatchNormalization", import_batch_normalization},
      {"Cast", import_cast},
      {"Clip", import_clip},
      {"Concat", import_concat},
      {"Constant", fold_constant},
      {"Conv", import_conv},
      {"DequantizeLinear", import_dequantize},
      {"Div", import_div},
      {"Dropout", import_dropout},
      {"Flatten", import_flatten},
      {"Gather", import_gather},
      {"Gemm", import_gemm},
      {"GlobalAveragePool", import_global_average_pool},
      {"GlobalMaxPool", import_global_max_pool},
      {"Identity", import_identity},
      {"LeakyRelu", import_leaky_relu},
      {"LogSoftmax", import_softmax},
      {"MatMul", import_matmul},
      {"Max", import_max},
      {"MaxPool", import_max_pool},
      {"Min", import_min},
      {"Mul", import_mul},
      {"Neg", import_neg},
      {"Pad", import_pad},
      {"QuantizeLinear", import_quantize},
      {"ReduceMax", import_reduce_max},
      {"ReduceMean", import_reduce_mean},
      {"Relu", import_relu},
      {"Reshape", import_reshape},
      {"Shape", fold_shape},
      {"Size", fold_size},
      {"Slice", import_slice},
      {"Softmax", import_softmax},
      {"Split", import_split},
      {"Squeeze", import_squeeze},
      {"Sub", import_sub},
      {"Sum", import_add},
      {"Transpose", import_transpose},
      {"Unsqueeze", import_unsqueeze},
  };
  return table;
}

}  // namespace

Importer find_importer(std::string_view domain, std::string_view op_type) {
  if (domain == kQcfsDomain) return op_type == kQcfsOperator ? import_qcfs : nullptr;
  if (!domain.empty() && domain != "ai.onnx") return nullptr;
  const auto found = importers().find(op_type);
  return found == importers().end() ? nullptr : found->second;
}

std::vector<std::string_view> imported_operators() {
  std::vector<std::string_view> names;
  for (const auto& [name, importer] : importers()) names.push_back(name);
  return names;
}

}  // namespace neurocuda::onnx
