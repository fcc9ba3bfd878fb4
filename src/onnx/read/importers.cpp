#include "onnx/read/importers.hpp"

#include <unordered_map>

#include "onnx/qcfs_function.hpp"

namespace neurocuda::onnx {

Importer find_importer(std::string_view domain, std::string_view op_type) {
  if (domain == kQcfsDomain) return op_type == kQcfsOperator ? import_qcfs : nullptr;
  if (!domain.empty() && domain != "ai.onnx") return nullptr;
  static const std::unordered_map<std::string_view, Importer> table = {
      {"Add", import_add},
      {"AveragePool", import_average_pool},
      {"BatchNormalization", import_batch_normalization},
      {"Constant", import_constant},
      {"Conv", import_conv},
      {"Dropout", import_dropout},
      {"Flatten", import_flatten},
      {"Gemm", import_gemm},
      {"GlobalAveragePool", import_global_average_pool},
      {"Identity", import_identity},
      {"MatMul", import_matmul},
      {"MaxPool", import_max_pool},
      {"ReduceMean", import_reduce_mean},
      {"Relu", import_relu},
      {"Reshape", import_reshape},
  };
  const auto found = table.find(op_type);
  return found == table.end() ? nullptr : found->second;
}

std::string_view remedy(std::string_view op_type) {
  constexpr std::string_view kTrainWithRelu = "replace it by ReLU and train again";
  constexpr std::string_view kFlatten = "use torch.flatten(x, 1) in place of x.view(...) and export again";
  constexpr std::string_view kMetadata =
      "leave the normalisation of the image out of the model and give it as metadata neurocuda.mean and "
      "neurocuda.stddev";
  static const std::unordered_map<std::string_view, std::string_view> table = {
      {"Sigmoid", kTrainWithRelu},
      {"Tanh", kTrainWithRelu},
      {"LeakyRelu", kTrainWithRelu},
      {"PRelu", kTrainWithRelu},
      {"Elu", kTrainWithRelu},
      {"Selu", kTrainWithRelu},
      {"Gelu", kTrainWithRelu},
      {"HardSwish", kTrainWithRelu},
      {"HardSigmoid", kTrainWithRelu},
      {"Clip", kTrainWithRelu},
      {"Mish", kTrainWithRelu},
      {"Softplus", kTrainWithRelu},
      {"Shape", kFlatten},
      {"Gather", kFlatten},
      {"Unsqueeze", kFlatten},
      {"Concat", kFlatten},
      {"Squeeze", kFlatten},
      {"Sub", kMetadata},
      {"Div", kMetadata},
      {"Mul", kMetadata},
      {"Softmax", "export the logits, without the final softmax"},
      {"LogSoftmax", "export the logits, without the final softmax"},
      {"Transpose", "export with do_constant_folding=True"},
      {"Pad", "give the padding to the convolution or pooling that follows"},
      {"GlobalMaxPool", "use global average pooling and train again"},
      {"QuantizeLinear", "export the float32 model; quantisation is done here"},
      {"DequantizeLinear", "export the float32 model; quantisation is done here"},
  };
  const auto found = table.find(op_type);
  return found == table.end()
             ? "build the network from convolutions, linear layers, batch norm, ReLU, pooling and residual adds"
             : found->second;
}

}  // namespace neurocuda::onnx
