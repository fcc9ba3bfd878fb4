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

/// The bias of channel `c` at timestep `t` (0-based) of an IfLayer or Accumulator.
template <class Layer>
std::int32_t bias_at(const Layer& layer, std::int64_t c, std::int64_t t) {
  const Tensor<std::int32_t>& table = layer.bias_by_timestep;
  if (table.empty() || t >= table.extent(0)) return layer.bias[static_cast<std::size_t>(c)];
  return table[t * table.extent(1) + c];
}

}  // namespace neurocuda::program
