#pragma once

#include <cstdint>
#include <vector>

#include "runtime/cpu/aligned.hpp"
#include "runtime/cpu/kernels/kernels.hpp"
#include "runtime/cpu/plan/dense_convs.hpp"
#include "runtime/cpu/plan/plan.hpp"

namespace neurocuda::runtime::cpu {

/// What an image, as constant currents of 8 bits, brings to the rows of a layer: as products of bytes v + 128, from
/// which 128 times the sum of the weights is taken. Holds scratch memory.
class ConstantCurrents {
 public:
  ConstantCurrents(const DenseConvs& dense, const Kernels& kernels) : dense_(dense), kernels_(kernels) {}

  /// Whether it can; other integers are listed.
  bool can(const PlannedNode& source, const PlannedGroup& group) const {
    return source.is_input && !group.convs.empty() && kernels_.dense.largest_byte == 255;
  }

  struct Rows {
    program::NodeIndex node;
    std::size_t group;
    std::int64_t first, count;
  };
  /// `sent` is [position][channels] of the source, `into` the first of the rows, [position][padded].
  void add(const Rows& rows, const PlannedNode& source, const PlannedNode& target, const std::int32_t* sent,
           std::int32_t* into);

 private:
  void spread(const Geometry& geometry, const DenseConv& dense, const Rows& rows, const PlannedNode& source,
              const std::int32_t* sent);

  const DenseConvs& dense_;
  const Kernels& kernels_;
  Aligned<std::uint8_t> plane_;  // [row][column][channels of the source]
};

}  // namespace neurocuda::runtime::cpu
