#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace neurocuda {

/// A seeded generator whose draws are the same on every platform (the standard engines are specified
/// exactly, the standard distributions are not).
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  /// Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  /// Uniform integer in [0, bound), bound > 0.
  std::int64_t below(std::int64_t bound);
  /// Normal with mean 0 and standard deviation 1 (Box-Muller).
  double normal();
  /// A random order of 0..count-1 (Fisher-Yates).
  std::vector<std::int64_t> permutation(std::int64_t count);

 private:
  std::mt19937_64 engine_;
};

}  // namespace neurocuda
