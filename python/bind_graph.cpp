#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "common.hpp"
#include "json_bridge.hpp"
#include "neurocuda/base/report_json.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/graph.hpp"
#include "neurocuda/passes/operators.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::python {
namespace {

using ir::Graph;
using ir::NodeId;
using Pair = std::pair<std::int64_t, std::int64_t>;
using OptionalArray = std::optional<Array<float>>;

Size2 size(const Pair& pair) { return {pair.first, pair.second}; }

std::optional<Tensor<float>> optional_copy(const OptionalArray& array) {
  if (!array) return std::nullopt;
  return copy_of(*array);
}

NodeId add_conv(Graph& graph, const std::string& name, NodeId input, const Array<float>& weight,
                const OptionalArray& bias, const Pair& stride, const Pair& padding, const Pair& dilation,
                std::int64_t groups) {
  ir::Conv2d conv;
  conv.weight = copy_of(weight);
  conv.bias = optional_copy(bias);
  conv.window = {{conv.weight.extent(2), conv.weight.extent(3)}, size(stride), size(padding), size(dilation)};
  conv.groups = groups;
  return graph.add(name, std::move(conv), {input});
}

NodeId add_linear(Graph& graph, const std::string& name, NodeId input, const Array<float>& weight,
                  const OptionalArray& bias) {
  return graph.add(name, ir::Linear{copy_of(weight), optional_copy(bias)}, {input});
}

NodeId add_batch_norm(Graph& graph, const std::string& name, NodeId input, const Array<float>& gamma,
                      const Array<float>& beta, const Array<float>& mean, const Array<float>& variance, float epsilon) {
  return graph.add(name, ir::BatchNorm2d{copy_of(gamma), copy_of(beta), copy_of(mean), copy_of(variance), epsilon},
                   {input});
}

template <class Pool>
NodeId add_pool(Graph& graph, const std::string& name, NodeId input, const Pair& kernel, const Pair& stride,
                const Pair& padding, const Pair& dilation, bool ceil_mode) {
  return graph.add(name, Pool{{size(kernel), size(stride), size(padding), size(dilation), ceil_mode}}, {input});
}

/// Operators that have no parameters.
template <class Op>
NodeId add_plain(Graph& graph, const std::string& name, NodeId input) {
  return graph.add(name, Op{}, {input});
}

nb::object findings(const Graph& graph) { return object_of(report::to_json(passes::diagnose(graph))); }

nb::list node_list(const Graph& graph) {
  nb::list list;
  for (const ir::Node& node : graph.nodes()) {
    list.append(nb::make_tuple(node.name, std::string(ir::operator_name(node.op)), node.inputs));
  }
  return list;
}

void bind_adders(nb::class_<Graph>& graph) {
  const auto x = nb::arg("input");
  const auto name = nb::arg("name");
  graph
      .def(
          "add_input",
          [](Graph& g, const std::string& n, const Shape& shape, std::vector<float> mean, std::vector<float> stddev) {
            return g.add(n, ir::Input{shape, {std::move(mean), std::move(stddev)}});
          },
          name, nb::arg("shape"), nb::arg("mean") = std::vector<float>{}, nb::arg("stddev") = std::vector<float>{})
      .def("add_conv2d", &add_conv, name, x, nb::arg("weight"), nb::arg("bias").none(), nb::arg("stride"),
           nb::arg("padding"), nb::arg("dilation"), nb::arg("groups"))
      .def("add_linear", &add_linear, name, x, nb::arg("weight"), nb::arg("bias").none())
      .def("add_batch_norm", &add_batch_norm, name, x, nb::arg("gamma"), nb::arg("beta"), nb::arg("mean"),
           nb::arg("variance"), nb::arg("epsilon"))
      .def("add_avg_pool", &add_pool<ir::AvgPool2d>, name, x, nb::arg("kernel"), nb::arg("stride"), nb::arg("padding"),
           nb::arg("dilation"), nb::arg("ceil_mode") = false)
      .def("add_max_pool", &add_pool<ir::MaxPool2d>, name, x, nb::arg("kernel"), nb::arg("stride"), nb::arg("padding"),
           nb::arg("dilation"), nb::arg("ceil_mode") = false)
      .def(
          "add_relu",
          [](Graph& g, const std::string& n, NodeId in, float cap) { return g.add(n, ir::ReLU{cap}, {in}); }, name, x,
          nb::arg("cap") = std::numeric_limits<float>::infinity())
      .def(
          "add_slice",
          [](Graph& g, const std::string& n, NodeId in, std::int64_t begin, std::int64_t count) {
            return g.add(n, ir::Slice{begin, count}, {in});
          },
          name, x, nb::arg("begin"), nb::arg("count"))
      .def(
          "add_concat",
          [](Graph& g, const std::string& n, const std::vector<NodeId>& inputs) {
            return g.add(n, ir::Concat{inputs.size()}, inputs);
          },
          name, nb::arg("inputs"))
      .def("add_global_avg_pool", &add_plain<ir::GlobalAvgPool>, name, x)
      .def("add_flatten", &add_plain<ir::Flatten>, name, x)
      .def("add_output", &add_plain<ir::Output>, name, x)
      .def(
          "add_add",
          [](Graph& g, const std::string& n, NodeId a, NodeId b) {
            return g.add(n, ir::Add{}, {a, b});
          },
          name, nb::arg("a"), nb::arg("b"));
}

}  // namespace

void bind_graph(nb::module_& module) {
  nb::class_<Graph> graph(module, "Graph", "A network as named nodes in topological order.");
  graph.def(nb::init<>())
      .def_rw("name", &Graph::name)
      .def("__len__", &Graph::size)
      .def("unique_name", &Graph::unique_name, nb::arg("base"))
      .def("nodes", &node_list, "(name, operator, inputs) of every node.")
      .def("validate", [](const Graph& g) { ir::validate(g); })
      .def_prop_ro("input_shape", [](const Graph& g) { return nb::tuple(nb::cast(g.input_operator().shape)); })
      .def_prop_ro("classes", [](const Graph& g) { return element_count(ir::infer_shapes(g).at(g.output())); })
      .def_prop_ro("dense_macs", &ir::dense_macs)
      .def_prop_ro("parameter_count", &ir::parameter_count)
      .def("diagnose", &findings, "One dict per node: node, operator, verdict, reason, remedy.")
      .def("__str__", [](const Graph& g) { return ir::to_string(g); });
  bind_adders(graph);
  module.def(
      "operators", [] { return object_of(report::to_json(passes::operators())); },
      "What becomes of every operator: one dict each, as in Graph.diagnose.");
  module.def("vectors_as_images", &passes::vectors_as_images, nb::arg("graph"));
  module.def("max_pool_to_avg_pool", &passes::max_pool_to_avg_pool, nb::arg("graph"));
  module.def(
      "fold_adaptive_avg_pool",
      [](const Array<float>& weight, std::int64_t channels, const Pair& input, const Pair& output) {
        return to_numpy(passes::fold_adaptive_avg_pool(copy_of(weight), channels, size(input), size(output)));
      },
      nb::arg("weight"), nb::arg("channels"), nb::arg("input"), nb::arg("output"),
      "The weight of a linear layer that reads the pool's input (channels, *input) instead of its output.");
}

}  // namespace neurocuda::python
