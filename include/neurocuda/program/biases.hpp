#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/program/program.hpp"

/// Biases by timestep: a layer or accumulator has one bias for all timesteps, or a table (T', C) of one for each of the
/// first T' timesteps. Fewer timesteps use the first rows, so every prefix is a network of its own; beyond the table
/// the bias is its mean, which is also what `bias` must then hold.
namespace neurocuda::program {

/// The mean of every column of (T', C), rounded half to even: the `bias` that belongs to the table.
std::vector<std::int32_t> mean_biases(const Tensor<std::int32_t>& by_timestep);

/// Timesteps with biases of their own: T', 0 where `bias` is that of all timesteps.
template <class Layer>
std::int64_t bias_timesteps(const Layer& layer) {
  return layer.bias_by_timestep.empty() ? 0 : layer.bias_by_timestep.extent(0);
}

/// The bias of channel `c` at timestep `t` (0-based) of an IfLayer or Accumulator.
template <class Layer>
std::int32_t bias_at(const Layer& layer, std::int64_t c, std::int64_t t) {
  if (t >= bias_timesteps(layer)) return layer.bias[static_cast<std::size_t>(c)];
  return layer.bias_by_timestep[t * layer.bias_by_timestep.extent(1) + c];
}

/// The biases of all channels at timestep `t`, (C,).
template <class Layer>
std::vector<std::int32_t> biases_at(const Layer& layer, std::int64_t t) {
  std::vector<std::int32_t> biases;
  for (std::size_t c = 0; c < layer.bias.size(); ++c) biases.push_back(bias_at(layer, static_cast<std::int64_t>(c), t));
  return biases;
}

}  // namespace neurocuda::program
