#pragma once

#include <cstdint>

namespace neurocuda::runtime::cpu {

/// Neurons of a layer at one timestep.
struct Neurons {
  std::int32_t* membrane;  ///< [position][stride]
  std::int64_t stride;
  const std::int32_t* drive;  ///< bias and constant current: [position][drive_stride], or one row for all (0)
  std::int64_t drive_stride;
  const std::int32_t* theta;  ///< (channels,)
  std::int64_t positions;
  std::int64_t channels;  ///< a multiple of kChannelBlock
  std::uint64_t* bits;    ///< [position][words]
  std::int64_t words;
  // Of signed neurons:
  std::int32_t* sum = nullptr;        ///< of their spikes so far, [position][stride]
  std::uint64_t* negative = nullptr;  ///< spikes of -1 as `bits` are those of 1
};

}  // namespace neurocuda::runtime::cpu
