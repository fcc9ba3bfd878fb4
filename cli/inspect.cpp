#include <fmt/format.h>

#include <memory>

#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/options.hpp"
#include "cli/out.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::cli {
namespace {

struct InspectOptions {
  CommonOptions common;
  std::string model;
  std::optional<int> timesteps;
};

Json graph_nodes_json(const ir::Graph& graph) {
  const auto shapes = ir::infer_shapes(graph);
  Json list = Json::array();
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    const auto& node = graph.node(id);
    Json inputs = Json::array();
    for (const ir::NodeId input : node.inputs) inputs.push_back(graph.node(input).name);
    list.push_back({{"name", node.name},
                    {"operator", std::string(ir::operator_name(node.op))},
                    {"shape", shapes[id]},
                    {"inputs", std::move(inputs)}});
  }
  return list;
}

Json inspect(const ir::Graph& graph) {
  out::print("{}\n", ir::to_string(graph));
  out::print("ANN: {} parameters, {} dense MACs per image\n", grouped(ir::parameter_count(graph)),
             grouped(ir::dense_macs(graph)));
  return {{"kind", "ann"},
          {"name", graph.name},
          {"nodes", graph_nodes_json(graph)},
          {"parameters", ir::parameter_count(graph)},
          {"dense_macs_per_image", ir::dense_macs(graph)}};
}

Json program_nodes_json(const program::Program& program) {
  Json list = Json::array();
  for (const auto& node : program.nodes) {
    Json sources = Json::array();
    for (const auto source : program::sources_of(node)) {
      sources.push_back(program.nodes.at(static_cast<std::size_t>(source)).name);
    }
    list.push_back({{"name", node.name},
                    {"kind", program::kind_name(node.kind)},
                    {"shape", node.shape},
                    {"sources", std::move(sources)},
                    {"groups", program::groups_of(node).size()}});
  }
  return list;
}

Json inspect(const program::Program& program, const std::optional<int>& timesteps) {
  const auto bounds = program::prove_bounds(program, timesteps.value_or(program.timesteps));
  out::print("{}\n", program::to_string(program));
  print_bounds(bounds);
  print_bounds_summary(bounds);
  out::print("SNN: {} IF neurons, converted for T = {}, {} dense MACs per timestep\n",
             grouped(program::neuron_count(program)), program.timesteps,
             grouped(program::dense_macs_per_timestep(program)));
  return {{"kind", "snn"},
          {"name", program.name},
          {"timesteps", program.timesteps},
          {"nodes", program_nodes_json(program)},
          {"neurons", program::neuron_count(program)},
          {"neuron", program::name_of(program::neurons_of(program))},
          {"dense_macs_per_timestep", program::dense_macs_per_timestep(program)},
          {"input_macs_per_image", program::input_macs(program)},
          {"bounds", report::to_json(bounds)}};
}

int run_inspect(const InspectOptions& options) {
  check_outputs({options.common.json}, {options.model});
  Notices notices;
  const Model model = read_model(options.model, notices);
  const auto* program = std::get_if<program::Program>(&model);
  Json document = program ? inspect(*program, options.timesteps) : inspect(std::get<ir::Graph>(model));
  document["model"] = options.model;
  document["notices"] = notices.list();
  write_json(options.common.json, document);
  return kDone;
}

}  // namespace

Action set_up_inspect(CLI::App& app) {
  auto options = std::make_shared<InspectOptions>();
  add_model(app, options->model, "MODEL", "An ANN (.onnx) or an SNN (.nir)");
  add_timesteps(app, options->timesteps);
  add_common(app, options->common);
  return [options] { return run_inspect(*options); };
}

}  // namespace neurocuda::cli
