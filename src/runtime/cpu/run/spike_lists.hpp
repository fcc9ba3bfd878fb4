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

  /// Makes room. `bits` of timestep t begin t x positions x words behind source.bits.
  void prepare(const Kernels& kernels, const SpikeSource& source, Order order, std::int64_t timesteps);
  /// Then lists a timestep; several threads may do so at once.
  void list(const Kernels& kernels, std::int64_t t);

  /// Of all timesteps, once there is room for them.
  std::int64_t spikes() const { return spikes_; }

  SpikeList by_position(std::int64_t t) const { return {entries(t), offsets(t)}; }
  ColumnList by_column(std::int64_t t) const { return {entries(t), offsets(t), most_[static_cast<std::size_t>(t)]}; }
  std::int64_t count(std::int64_t t, std::int64_t y, std::int64_t x) const {
    const std::uint32_t* at = offsets(t) + (order_ == Order::columns ? x * source_.height + y : y * source_.width + x);
    return static_cast<std::int64_t>(at[1]) - at[0];
  }

 private:
  const std::uint16_t* entries(std::int64_t t) const { return entries_.data() + first_[static_cast<std::size_t>(t)]; }
  std::int64_t positions() const { return source_.height * source_.width; }
  const std::uint32_t* offsets(std::int64_t t) const { return offsets_.data() + t * (positions() + 1); }

  SpikeSource source_{};
  std::int64_t spikes_ = 0;
  Order order_ = Order::positions;
  std::vector<std::uint16_t> entries_;
  std::vector<std::uint32_t> offsets_;  ///< by timestep: (positions + 1,)
  std::vector<std::size_t> first_;      ///< by timestep: in entries_
  std::vector<std::int64_t> most_;      ///< by timestep: at one position, where columns are listed
};

}  // namespace neurocuda::runtime::cpu
