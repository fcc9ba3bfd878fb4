#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "neurocuda/program/program.hpp"
#include "runtime/cpu/plan/pack.hpp"

namespace neurocuda::runtime::cpu {

/// A PackedConv for the dense kernels.
struct DenseConv {
  std::int64_t inputs = 0;                         ///< rounded up to kInputBlock
  std::int64_t plane_height = 0, plane_width = 0;  ///< of the source with its padding, as far as windows reach
  std::int64_t columns = 0;                        ///< of the source, in the plane behind its padding
  std::int64_t position = 0;                       ///< bytes of a position of the plane: all channels, padded
  std::vector<std::int64_t> taps;                  ///< bytes

  std::int64_t row() const { return plane_width * position; }
  std::vector<std::int8_t> weights;  ///< [block of outputs][tap][inputs / 4][output][4]
  std::vector<std::int32_t> sums;    ///< of all weights of an output: (padded,)
};

/// The convolutions of a Program for the dense kernels. Those of a layer are packed when somebody asks for them: they
/// take as much memory as those of the Plan.
class DenseConvs {
 public:
  /// `program` must outlive it.
  explicit DenseConvs(const program::Program& program);

  /// Beside PlannedGroup::convs. Any thread may ask.
  const std::vector<DenseConv>& of(program::NodeIndex node, std::size_t group) const;

 private:
  struct Layer {
    std::once_flag packed;
    std::vector<std::vector<DenseConv>> groups;
  };

  const program::Program& program_;
  mutable std::deque<Layer> layers_;  ///< by node
};

}  // namespace neurocuda::runtime::cpu
