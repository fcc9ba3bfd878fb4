#pragma once

#include <map>

#include "neurocuda/network/network.hpp"
#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::network {

/// The weights that the integer Program will have, in float units, with a straight-through gradient: for every layer,
/// w_eff = w theta_source gain, k_c = max |w_eff| / qmax over the layer's convolution and linear branches (one k for
/// the whole output layer), w' = round(w_eff / k) k / (theta_source gain). The same formula as compiler::lower;
/// thresholds are the present lambdas (or theta) of the sources. Where batch norms are still live, w is the weight with
/// its batch norm folded in by the running statistics, and the rounding is carried back through the fold (Jacob et al.
/// 2018, arXiv 1712.05877, section 3.2).
class WeightGrid {
 public:
  /// Works out the branches of every layer of a QCFS or IF graph.
  explicit WeightGrid(const ir::Graph& graph);

  /// Connection node -> weight on the grid, for the network's present values.
  std::map<ir::NodeId, torch::Tensor> apply(Network& network, const GridOptions& options) const;

  /// Puts weights, biases, thresholds and v0 of a network without batch norms on the grid, front to back, so that
  /// lowering it rounds nothing but identity skips. A layer's bias goes to its first connection that has one.
  void snap(Network& network, const GridOptions& options) const;

  /// The same for one layer, an activation or the Output, whose sources lie on the grid already. Returns k_c, (C,);
  /// undefined where the layer has identity skips only, which have no grid of their own.
  torch::Tensor snap_layer(Network& network, ir::NodeId layer, const GridOptions& options) const;

  /// theta_source gain of every weight of a connection, shaped to multiply it: w' units / k is the int8 code.
  torch::Tensor units(Network& network, ir::NodeId connection, const GridOptions& options) const;

 private:
  struct Connection {
    ir::NodeId node = 0, source = 0;
    double gain = 1.0;
    std::int64_t groups = 1;
    bool flattened = false;         ///< a linear layer that reads (C, H, W) flattened
    std::int64_t positions = 1;     ///< H W of what it reads then
    std::vector<ir::NodeId> norms;  ///< the batch norms that will be folded into it
  };
  struct Layer {
    ir::NodeId node = 0;  ///< the activation, or the Output
    std::vector<Connection> connections;
    bool one_scale = false;  ///< the output layer
  };
  /// k_c of every output channel, (O,), and the source scales of the connections, without gradients.
  struct Scales {
    torch::Tensor k;
    std::vector<torch::Tensor> sources, folds;
  };
  Scales scales(Network& network, const Layer& layer, const GridOptions& options) const;
  torch::Tensor snap(Network& network, const Layer& layer, const GridOptions& options) const;
  torch::Tensor source_scale(Network& network, const Connection& connection, const GridOptions& options) const;
  std::vector<Layer> layers_;
};

/// Input scale per channel, (C,): largest |normalised input| / qmax.
torch::Tensor input_grid_scale(const ir::Graph& graph, const GridOptions& grid);
/// Images rounded to the input grid (no gradient is needed: images are data).
torch::Tensor round_to_input_grid(const torch::Tensor& images, const torch::Tensor& scale, int bits);

}  // namespace neurocuda::network
