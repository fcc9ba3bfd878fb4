#include "support/format_fields.hpp"

#include "neurocuda/base/random.hpp"
#include "neurocuda/program/biases.hpp"

namespace neurocuda::testing {
namespace {

using namespace program;

class Filler {
 public:
  Filler(Program& program, std::uint64_t seed) : program_(program), random_(seed) {}

  void fill() {
    program_.mode = Mode::exact;
    program_.settings = R"({"percentile": 99.9, "layers": [{"name": "Schicht \u00e4 ä", "rounds": )" +
                        std::to_string(random_.below(100)) + "}], \"recipe\": null}\n";
    program_.made_by = "neurocuda 9.8.7";
    for (Node& node : program_.nodes) std::visit([&](auto& kind) { fill(node, kind); }, node.kind);
  }

 private:
  bool chance(double probability) { return random_.uniform() < probability; }

  void fill(const Node& node, IfLayer& layer) {
    if (chance(0.6)) layer.neuron = NeuronKind::signed_;
    if (chance(0.8)) layer.density = random_.uniform();
    fill_biases(node, layer);
  }
  void fill(const Node& node, OrPool& pool) {
    pool.rule = MaxPoolRule::maximum_of_counts;  // in front of it may be signed spikes
    pool.takes_minimum.clear();
    if (chance(0.2)) return;
    for (std::int64_t c = 0; c < channels(node.shape); ++c) {
      pool.takes_minimum.push_back(static_cast<std::uint8_t>(random_.below(2)));
    }
  }
  void fill(const Node& node, Accumulator& output) { fill_biases(node, output); }
  void fill(const Node&, InputNode&) {}
  void fill(const Node&, SumPool&) {}

  template <class Layer>
  void fill_biases(const Node& node, Layer& layer) {
    if (chance(0.2)) return;
    Tensor<std::int32_t> table({1 + random_.below(9), channels(node.shape)});
    for (std::int32_t& bias : table.values()) bias = static_cast<std::int32_t>(random_.below(20001) - 10000);
    layer.bias = mean_biases(table);
    layer.bias_by_timestep = std::move(table);
  }

  Program& program_;
  Random random_;
};

}  // namespace

Program with_format_fields(Program program, std::uint64_t seed) {
  Filler(program, seed).fill();
  return program;
}

}  // namespace neurocuda::testing
