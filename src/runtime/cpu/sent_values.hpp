#pragma once

#include <cstdint>
#include <vector>

#include "runtime/cpu/plan.hpp"

namespace neurocuda::runtime::cpu {

/// The integers of a source that are not zero, as events for add_amounts; holds scratch memory.
class SentValues {
 public:
  explicit SentValues(const Plan& plan)
      : rows_(static_cast<std::size_t>(plan.max_values + kSlack)),
        offsets_(static_cast<std::size_t>(plan.max_positions + kSlack)),
        amounts_(rows_.size()) {}

  /// `sent` is [position][channels]. Valid until the next call.
  Events list(const PlannedNode& source, const PackedConv& conv, const std::int32_t* sent);

 private:
  std::vector<std::uint32_t> rows_, offsets_;
  std::vector<std::int32_t> amounts_;
};

/// What the integers of a source bring through a diagonal.
void add_diagonal_values(const PlannedNode& source, const std::vector<std::int32_t>& diagonal, const std::int32_t* sent,
                         std::int64_t padded, std::int32_t* into);

}  // namespace neurocuda::runtime::cpu
