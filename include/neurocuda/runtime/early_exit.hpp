#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "neurocuda/runtime/executable.hpp"

/// Any-time inference: an image need not run all T timesteps when its class is certain enough before.
namespace neurocuda::runtime {

/// When to stop.
class ExitRule {
 public:
  virtual ~ExitRule() = default;
  /// Whether an image with these accumulators, (classes,), after `done` of T timesteps may stop.
  virtual bool stops(std::span<const std::int32_t> accumulators, int done, int timesteps) const = 0;
};

/// Stops when the remaining timesteps cannot change the first class, whatever they bring: the lead over every other
/// class is more than the last layer's weights, ranges of spikes and biases can make up for. Never changes an answer.
class ExactExit : public ExitRule {
 public:
  /// Keeps what it needs of the Program.
  explicit ExactExit(const program::Program& program);
  ~ExactExit() override;
  bool stops(std::span<const std::int32_t> accumulators, int done, int timesteps) const override;

 private:
  struct Bounds;
  std::unique_ptr<Bounds> bounds_;
};

/// Stops when the largest accumulator leads the second by `margin` or more, in logits x timesteps. The lead is evidence
/// that adds up, as in a sequential probability ratio test (Wald 1945); its mean over the timesteps, the lead of the
/// logits, would stop images early whose first timesteps happen to be clear.
class MarginExit : public ExitRule {
 public:
  MarginExit(const program::Program& program, double margin);
  bool stops(std::span<const std::int32_t> accumulators, int done, int timesteps) const override;

 private:
  double scale_, margin_;
};

/// The class of the largest accumulator; the smallest index wins ties.
std::int64_t first_class(std::span<const std::int32_t> accumulators);
/// The lead of the largest accumulator over the second, times the scale; infinite for one class.
double lead(std::span<const std::int32_t> accumulators, double scale);

struct EarlyExit {
  std::vector<std::int64_t> classes;  ///< of each image, when it stopped
  std::vector<int> timesteps;         ///< that each image ran
};

/// Runs every image until the rule lets it stop, or for T = options.timesteps, and asks every `block` timesteps. Throws
/// UserError as Executable::open and run do.
EarlyExit run_with_early_exit(const Executable& executable, const program::EncodedInput& input,
                              const RunOptions& options, const ExitRule& rule, int block = 1);

}  // namespace neurocuda::runtime
