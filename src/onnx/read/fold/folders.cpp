#include "onnx/read/fold/folders.hpp"

#include <unordered_map>

namespace neurocuda::onnx {

namespace {

const std::unordered_map<std::string_view, Folder>& folders() {
  static const std::unordered_map<std::string_view, Folder> table = {
      {"Abs", fold_unary},
      {"Add", fold_binary},
      {"And", fold_binary},
      {"Cast", fold_cast},
      {"CastLike", fold_cast},
      {"Ceil", fold_unary},
      {"Clip", fold_clip},
      {"Concat", fold_concat},
      {"Constant", fold_constant},
      {"ConstantOfShape", fold_constant_of_shape},
      {"DequantizeLinear", fold_dequantize},
      {"Div", fold_binary},
      {"Equal", fold_binary},
      {"Exp", fold_unary},
      {"Expand", fold_expand},
      {"Flatten", fold_flatten},
      {"Floor", fold_unary},
      {"Gather", fold_gather},
      {"Greater", fold_binary},
      {"GreaterOrEqual", fold_binary},
      {"Identity", fold_identity},
      {"Less", fold_binary},
      {"LessOrEqual", fold_binary},
      {"Log", fold_unary},
      {"Max", fold_variadic},
      {"Min", fold_variadic},
      {"Mod", fold_binary},
      {"Mul", fold_binary},
      {"Neg", fold_unary},
      {"Not", fold_unary},
      {"Or", fold_binary},
      {"Pow", fold_binary},
      {"QuantizeLinear", fold_quantize},
      {"Range", fold_range},
      {"Reciprocal", fold_unary},
      {"ReduceL1", fold_reduce},
      {"ReduceL2", fold_reduce},
      {"ReduceMax", fold_reduce},
      {"ReduceMean", fold_reduce},
      {"ReduceMin", fold_reduce},
      {"ReduceProd", fold_reduce},
      {"ReduceSum", fold_reduce},
      {"ReduceSumSquare", fold_reduce},
      {"Reshape", fold_reshape},
      {"Round", fold_unary},
      {"Shape", fold_shape},
      {"Sigmoid", fold_unary},
      {"Sign", fold_unary},
      {"Size", fold_size},
      {"Slice", fold_slice},
      {"Sqrt", fold_unary},
      {"Squeeze", fold_squeeze},
      {"Sub", fold_binary},
      {"Sum", fold_variadic},
      {"Tanh", fold_unary},
      {"Tile", fold_tile},
      {"Transpose", fold_transpose},
      {"Unsqueeze", fold_unsqueeze},
      {"Where", fold_where},
  };
  return table;
}

}  // namespace

Folder find_folder(std::string_view domain, std::string_view op_type) {
  if (!domain.empty() && domain != "ai.onnx") return nullptr;
  const auto found = folders().find(op_type);
  return found == folders().end() ? nullptr : found->second;
}

std::vector<std::string_view> folded_operators() {
  std::vector<std::string_view> names;
  for (const auto& [name, folder] : folders()) names.push_back(name);
  return names;
}

}  // namespace neurocuda::onnx
