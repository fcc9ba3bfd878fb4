#pragma once

#include <cstdint>
#include <vector>

#include "runtime/cpu/kernels/kernels.hpp"

namespace neurocuda::runtime::cpu {

/// The spikes of some channels of a source at every timestep of a run, position by position or, as sliding windows want
/// them, column by column. Its memory is used again.
class SpikeLists {
 public:
  enum class Order { positions, columns };

  /// `bits` of timestep t begin t x positions x words behind source.bits.
  void list(const Kernels& kernels, const SpikeSource& source, Order order, std::int64_t timesteps);

  SpikeList by_position(std::int64_t t) const { return {entries(t), offsets(t)}; }
  ColumnList by_column(std::int64_t t) const { return {entries(t), offsets(t)}; }
  std::int64_t count(std::int64_t t, std::int64_t y, std::int64_t x) const {
    const std::uint32_t* at = offsets(t) + (order_ == Order::columns ? x * height_ + y : y * width_ + x);
    return static_cast<std::int64_t>(at[1]) - at[0];
  }

 private:
  const std::uint16_t* entries(std::int64_t t) const { return entries_.data() + first_[static_cast<std::size_t>(t)]; }
  const std::uint32_t* offsets(std::int64_t t) const { return offsets_.data() + t * (height_ * width_ + 1); }

  Order order_ = Order::positions;
  std::int64_t height_ = 0, width_ = 0;
  std::vector<std::uint16_t> entries_;
  std::vector<std::uint32_t> offsets_;  ///< by timestep: (positions + 1,)
  std::vector<std::size_t> first_;      ///< by timestep: in entries_
};

}  // namespace neurocuda::runtime::cpu
