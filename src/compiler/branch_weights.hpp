#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/ir/branches.hpp"
#include "neurocuda/ir/graph.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::compiler {

/// What one unit of a source's value is worth in the float network, per channel: theta for spikes, the input scale for
/// pixels.
using Units = std::vector<double>;

/// The float weights of one branch with the source's units and the pools' gain folded in. Reads the graph's weights in
/// place, which must outlive it.
class BranchWeights {
 public:
  /// `source_shape` is the (C, H, W) or (C,) that the connection reads, before any Flatten.
  BranchWeights(const ir::Graph& graph, const ir::Branch& branch, const Shape& source_shape, const Units& source_units);

  bool diagonal() const { return weight_ == nullptr; }
  /// Weights per output channel; 1 for a diagonal.
  std::int64_t row() const { return row_; }
  /// Weight j of output channel o, in (I / groups, KH, KW) or (I,) order.
  double at(std::int64_t o, std::int64_t j) const {
    if (diagonal()) return units_[static_cast<std::size_t>(o)];
    const std::int64_t channel = o / outputs_per_group_ * inputs_per_group_ + j / span_;
    return static_cast<double>((*weight_)[o * row_ + j]) * units_[static_cast<std::size_t>(channel)];
  }
  double absmax(std::int64_t o) const;
  /// Bias of output channel o; 0 when there is none.
  double bias(std::int64_t o) const { return bias_ ? static_cast<double>((*bias_)[o]) : 0.0; }
  /// A connection of zeros with this branch's geometry.
  program::Connection zeros(std::int64_t output_channels) const;

 private:
  const Tensor<float>* weight_ = nullptr;
  const Tensor<float>* bias_ = nullptr;
  const ir::Conv2d* conv_ = nullptr;
  Units units_;
  std::int64_t row_ = 1;
  std::int64_t span_ = 1;  ///< neighbouring weights of a row that read the same source channel
  std::int64_t inputs_per_group_ = 0;
  std::int64_t outputs_per_group_ = 1;
};

}  // namespace neurocuda::compiler
