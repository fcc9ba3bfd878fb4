#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace neurocuda {

/// Told how far long work has come. One task at a time: start, advance..., finish.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void start(std::string_view task, std::int64_t total) = 0;
  /// `note` is a short figure to show beside the bar ("loss 0.412"); may be empty.
  virtual void advance(std::int64_t steps, std::string_view note = {}) = 0;
  virtual void finish() = 0;
};

/// Says nothing. The default everywhere.
Progress& silent_progress();

/// A bar on stderr when it is a terminal, otherwise a plain line every few seconds: the task, how far it is, what is
/// left.
std::unique_ptr<Progress> terminal_progress();

}  // namespace neurocuda
