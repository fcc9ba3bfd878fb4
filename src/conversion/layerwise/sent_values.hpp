#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/neurons/libtorch.hpp"
#include "neurocuda/program/mode.hpp"

namespace neurocuda::conversion::layerwise {

/// What one node of the spiking network sends on one block of images: a constant, or spikes of all timesteps. A
/// timestep is one bit of a neuron (two of a signed one); accumulate, then fire needs the number of spikes only.
class SentValues {
 public:
  SentValues() = default;
  static SentValues constant(torch::Tensor values);

  /// The spikes of `timesteps` timesteps are to come. theta: (C,).
  SentValues(const torch::Tensor& theta, int timesteps, bool are_signed = false);
  /// Spikes of the next timestep, (n, C, ...): 0 and 1, signed ones -1 too.
  void add_timestep(const torch::Tensor& spikes);
  /// All at once: how many there are of each neuron.
  void set_counts(const torch::Tensor& counts) { counts_ = counts.to(torch::kInt16); }

  bool is_constant() const { return constant_.defined(); }
  bool defined() const { return constant_.defined() || counts_.defined(); }
  /// theta s at a timestep, or the constant. Not of counts.
  torch::Tensor at(int timestep) const;
  /// theta times the sum of the spikes up to a timestep, it included. Cheap where timesteps are asked for in order.
  torch::Tensor until(int timestep) const;
  /// The mean of theta s over the timesteps, or the constant.
  torch::Tensor mean() const;
  /// Sum of the spikes of every neuron, int16.
  const torch::Tensor& counts() const { return counts_; }

 private:
  torch::Tensor spikes_at(int timestep) const;
  torch::Tensor scaled(const torch::Tensor& spikes) const;

  torch::Tensor constant_, theta_, counts_;
  std::vector<torch::Tensor> bits_, negative_;  // uint8, eight timesteps each: spikes of 1, spikes of -1
  int timesteps_ = 1, added_ = 0;
  bool are_signed_ = false;
  mutable torch::Tensor running_;  // the counts of until(running_until_), int16
  mutable int running_until_ = -1;
};

}  // namespace neurocuda::conversion::layerwise
