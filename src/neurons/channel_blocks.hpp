#pragma once

#include <algorithm>
#include <cstdint>

#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::neurons {

/// Cuts a tensor whose innermost axis is the channel into blocks of whole rows. A kernel with one parameter per channel
/// then runs over a long contiguous stretch however few channels there are, with its parameters repeated to match.
class ChannelBlocks {
 public:
  ChannelBlocks(std::int64_t channels, std::int64_t elements)
      : channels_(channels),
        elements_(elements),
        length_(channels * std::max<std::int64_t>(1, std::min(kElements, elements) / channels)) {}

  std::int64_t count() const { return (elements_ + length_ - 1) / length_; }
  std::int64_t offset(std::int64_t block) const { return block * length_; }
  /// Elements of a block: `longest()` for all but the last.
  std::int64_t length(std::int64_t block) const { return std::min(length_, elements_ - offset(block)); }
  std::int64_t longest() const { return length_; }

  /// (C,) -> (longest(),) in contiguous memory.
  torch::Tensor repeated(const torch::Tensor& parameter) const {
    return parameter.detach().contiguous().repeat({length_ / channels_});
  }
  /// Sums of repeated parameters, (tasks, longest()) -> (C,).
  torch::Tensor summed(const torch::Tensor& partial) const { return partial.view({-1, channels_}).sum(0); }

 private:
  static constexpr std::int64_t kElements = 1024;  // a few such blocks of float32 fit the first-level cache
  std::int64_t channels_, elements_, length_;
};

}  // namespace neurocuda::neurons
