#include "conversion/fine_tuning/step_memory.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::conversion {
namespace {

// Tensors of the largest layer that live at once: its current, spikes and their gradients, rebuilt input, workspace.
constexpr std::int64_t kInFlight = 6;
constexpr std::int64_t kFloat = 4;
// Per neuron whose rate is matched: the guide's activation, and the difference that the backward pass needs.
constexpr std::int64_t kMatched = 2;
constexpr std::int64_t kUnknownMachine = std::int64_t{4} << 30;

std::int64_t free_host_memory() {
  std::ifstream file("/proc/meminfo");
  for (std::string name; file >> name;) {
    std::int64_t kilobytes = 0;
    if (name == "MemAvailable:" && file >> kilobytes) return kilobytes * 1024;
  }
  return kUnknownMachine;
}

}  // namespace

std::int64_t predicted_bytes_per_image(const ir::Graph& if_graph, int timesteps, bool rate_matching) {
  const auto shapes = ir::infer_shapes(if_graph);
  std::int64_t kept = 0, largest = 0;
  for (ir::NodeId id = 0; id < if_graph.size(); ++id) {
    const ir::Node& node = if_graph.node(id);
    const std::int64_t elements = element_count(shapes[id]);
    largest = std::max(largest, elements);
    if (node.as<ir::IF>()) {
      kept += elements * timesteps;  // codes
      if (rate_matching) kept += kMatched * kFloat * elements;
    } else if (node.as<ir::BatchNorm2d>() || node.as<ir::AvgPool2d>() || node.as<ir::MaxPool2d>()) {
      kept += kFloat * elements * timesteps;  // a live batch norm keeps its input, a pool the input of what follows
    }
  }
  return kept + kInFlight * kFloat * largest * timesteps;
}

std::int64_t micro_batch(std::int64_t batch_size, std::int64_t bytes_per_image, std::int64_t limit) {
  if (limit <= 0) limit = free_host_memory() / 2;
  if (bytes_per_image > limit) {
    fail("fine-tuning needs {} bytes for one image, {} are allowed; use fewer timesteps or more memory",
         bytes_per_image, limit);
  }
  // Equal parts: the smallest number of them that fits.
  const std::int64_t most = std::min(batch_size, limit / bytes_per_image);
  const std::int64_t parts = (batch_size + most - 1) / most;
  return (batch_size + parts - 1) / parts;
}

}  // namespace neurocuda::conversion
