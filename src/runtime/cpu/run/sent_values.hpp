#pragma once

#include <cstdint>
#include <vector>

#include "runtime/cpu/plan/plan.hpp"

namespace neurocuda::runtime::cpu {

struct Positions {
  std::int64_t first, count;
};

/// Lists the integers of a source that are not zero; holds scratch memory.
class SentValues {
 public:
  explicit SentValues(const Plan& plan)
      : channels_(static_cast<std::size_t>(plan.max_values + kSlack)),
        offsets_(static_cast<std::size_t>(plan.max_positions + kSlack)),
        amounts_(channels_.size()) {}

  /// Of the source's rows under so many rows of outputs, from the first on; `sent` is [position][channels]. Valid until
  /// the next call.
  AmountList list(const PlannedNode& source, const PackedConv& conv, const Positions& rows, const std::int32_t* sent);

 private:
  std::vector<std::uint16_t> channels_;
  std::vector<std::uint32_t> offsets_;
  std::vector<std::int32_t> amounts_;
};

/// What the integers of a source bring to some positions through a diagonal; `into` begins at the first of them.
void add_diagonal_values(const PlannedNode& source, const std::vector<std::int32_t>& diagonal, const Positions& part,
                         const std::int32_t* sent, std::int64_t padded, std::int32_t* into);

}  // namespace neurocuda::runtime::cpu
