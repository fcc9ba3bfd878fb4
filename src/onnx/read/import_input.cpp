#include "onnx/read/import_input.hpp"

#include <algorithm>
#include <unordered_set>

#include "neurocuda/base/error.hpp"
#include "onnx/metadata.hpp"
#include "onnx/read/input_axes.hpp"
#include "onnx/read/names.hpp"

namespace neurocuda::onnx {
namespace {

/// Older files list the initialisers among the inputs.
const proto::ValueInfoProto& only_input(const proto::GraphProto& graph) {
  std::unordered_set<std::string_view> constants;
  for (const auto& constant : graph.initializer()) constants.insert(constant.name());
  const proto::ValueInfoProto* found = nullptr;
  for (const auto& input : graph.input()) {
    if (constants.contains(input.name())) continue;
    if (found != nullptr) {
      fail("has the inputs '{}' and '{}'; only networks with one input are supported", printable(found->name()),
           printable(input.name()));
    }
    found = &input;
  }
  if (found == nullptr) fail("has no input; export the model with the image as its input");
  return *found;
}

std::string print_shape(const proto::TensorShapeProto& shape) {
  std::string text;
  for (const auto& dim : shape.dim()) {
    text += text.empty() ? "" : ", ";
    text += dim.has_dim_value()       ? std::to_string(dim.dim_value())
            : dim.dim_param().empty() ? "?"
                                      : printable(dim.dim_param());
    if (text.size() > 100) return text + ", ...";
  }
  return text;
}

/// The extents behind the batch axis, which all must be numbers.
Shape input_extents(const proto::ValueInfoProto& input) {
  const auto& shape = input.type().tensor_type().shape();
  bool fits = shape.dim_size() >= 2 && shape.dim_size() <= 4;
  Shape extents;
  for (int axis = 1; fits && axis < shape.dim_size(); ++axis) {
    extents.push_back(shape.dim(axis).dim_value());
    fits = extents.back() > 0;
  }
  if (!fits) {
    fail("input '{}' has the shape ({}); it must be (N, C, H, W), (N, C, L) or (N, C), with numbers for all but N",
         printable(input.name()), print_shape(shape));
  }
  element_count(extents);  // refuses what no memory could hold
  return extents;
}

void check_type(const proto::ValueInfoProto& input, ModelImporter& importer) {
  const int type = input.type().tensor_type().elem_type();
  if (!is_real_type(type))
    fail("input '{}' is not a float32 tensor; export the model in float32", printable(input.name()));
  if (type == proto::TensorProto::FLOAT) return;
  importer.note(
      fmt::format("the model computes in {}; it is read as the float32 network that it stands for", type_name(type)));
}

}  // namespace

void import_input(const proto::ModelProto& source, ModelImporter& importer) {
  const proto::ValueInfoProto& input = only_input(source.graph());
  check_type(input, importer);
  const Shape extents = input_extents(input);
  if (input.name().empty()) fail("its input has no name; export the model again");
  InputAxes axes = input_axes(input.name(), extents, importer.uses());
  ir::Input op;
  op.shape = std::move(axes.image);
  op.normalization = read_normalization(source, op.shape[0]);
  importer.set_batch(std::max<std::int64_t>(0, input.type().tensor_type().shape().dim(0).dim_value()));
  const ir::NodeId node = importer.add(printable(input.name()), std::move(op), {});
  importer.bind(input.name(), Activation{node, std::move(axes.layout)});
}

}  // namespace neurocuda::onnx
