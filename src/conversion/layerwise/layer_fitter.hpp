#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "conversion/layerwise/branch_values.hpp"
#include "conversion/layerwise/image_blocks.hpp"
#include "conversion/layerwise/read_values.hpp"
#include "conversion/layerwise/ridge_regression.hpp"
#include "conversion/layerwise/sent_values.hpp"
#include "neurocuda/conversion/fit_layers.hpp"
#include "neurocuda/network/network.hpp"

namespace neurocuda::conversion::layerwise {

/// Goes through the layers of a network front to back and makes each spike, on all calibration images at once. What a
/// node sends is kept until its last reader has been.
class LayerFitter {
 public:
  LayerFitter(const ir::Graph& network, const ImageBlocks& images, const Settings& settings, torch::Device device);

  const std::vector<LayerPaths>& layers() const { return layers_; }
  LayerFit fit(const LayerPaths& layer);
  ir::Graph result() const { return spiking_.to_graph(); }

 private:
  using ByBlock = std::vector<torch::Tensor>;

  void start_with_images();
  void start_with_trains();
  bool is_output(const LayerPaths& layer) const { return graph().node(layer.node).as<ir::Output>() != nullptr; }
  const ir::Graph& graph() const { return spiking_.graph(); }

  /// The activations of the network that is converted (of the last layer its logits), and on the way the sums for the
  /// regression.
  void observe(const LayerPaths& layer);
  torch::Tensor given_current(const LayerPaths& layer, std::int64_t block);
  torch::Tensor activation(ir::NodeId node, const torch::Tensor& current);

  /// Of the regression, at most.
  std::int64_t rows_of_an_image() const;
  /// The branches whose weights are fitted together. None where there are fewer rows than weights.
  std::vector<std::size_t> fitted_branches(const LayerPaths& layer) const;
  void add_rows(const LayerPaths& layer, std::int64_t block, const torch::Tensor& wanted,
                std::vector<NormalEquations>& sums);
  /// What the mean spikes bring through a branch.
  torch::Tensor mean_read(const BranchPath& path, std::int64_t block) const;
  /// Of the fitted branches, before they are.
  void start_from_given(const LayerPaths& layer);
  LayerFit refit_weights(const LayerPaths& layer);
  void set_weights(const LayerPaths& layer, const std::vector<torch::Tensor>& weights, const torch::Tensor& constant);

  void set_thresholds(const LayerPaths& layer);
  torch::Tensor skip_factor(const BranchPath& path, const torch::Tensor& scale) const;

  /// The current of the spiking network at t, or its mean over time (no t), with the bias.
  torch::Tensor spiking_current(const LayerPaths& layer, std::int64_t block, std::optional<int> t);
  void fire(const LayerPaths& layer);
  /// Of what values(block), (n, C, ...), returns: (C,), in float64.
  torch::Tensor mean_by_channel(const ReadValues& read, const std::function<torch::Tensor(std::int64_t)>& values) const;
  void fire_through_time(const LayerPaths& layer, const ReadValues& read, const torch::Tensor& wanted);
  void accumulate_then_fire(const LayerPaths& layer, const ReadValues& read, const torch::Tensor& wanted);
  void offset_logits(const LayerPaths& layer, const torch::Tensor& wanted);
  torch::Tensor on_grid(const torch::Tensor& bias) const;
  void forget(const LayerPaths& layer);

  const ImageBlocks& images_;
  const Settings& settings_;
  const network::GridOptions grid_;
  network::Network given_, spiking_;
  std::vector<LayerPaths> layers_;
  std::vector<Shape> shapes_;
  std::map<ir::NodeId, std::size_t> readers_left_;

  std::map<ir::NodeId, ByBlock> activations_;           ///< of the given network, by node
  std::map<ir::NodeId, std::vector<SentValues>> sent_;  ///< of the spiking network, by node
  std::vector<std::size_t> fitted_;                     ///< of the layer at hand
  std::vector<torch::Tensor> start_;                    ///< their weights and constants, (K + 1, O / G) by group
  std::vector<std::int64_t> widths_;                    ///< of each of them in K
  std::vector<std::vector<NormalEquations>> sums_;      ///< by lane and group of a convolution
  torch::Tensor scale_;                                 ///< k_c of the layer at hand, or undefined
  std::vector<torch::Tensor> skip_factors_;             ///< by branch; undefined where a branch is no skip
};

}  // namespace neurocuda::conversion::layerwise
