// gpu_against_cpu, cpu_against_reference [--device N] [--comparisons N] [--small]: runs random programs, then (unless
// --small) random networks in the shape of ResNets, on both targets until so many neuron-timesteps, spike and membrane,
// have been compared. Status 0 when all are equal, 1 at the first difference, 2 without a device.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include "neurocuda/base/error.hpp"
#include "neurocuda/metrics/random_network.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "neurocuda/verify/verify.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

constexpr std::string_view kTarget = NEUROCUDA_TARGET, kExpected = NEUROCUDA_EXPECTED;

struct Options {
  runtime::CompileOptions compile;
  std::int64_t comparisons = 10'000'000;
  bool small = false;
};

std::int64_t number(std::string_view option, const char* text) {
  const std::string_view digits = text == nullptr ? "" : text;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    fail("{} '{}': give a whole number", option, digits);
  }
  return value;
}

Options parse(char** arguments) {
  Options options;
  for (char** argument = arguments + 1; *argument != nullptr; ++argument) {
    const std::string_view option = *argument;
    if (option == "--small") {
      options.small = true;
    } else if (option == "--device") {
      options.compile.device = static_cast<int>(number(option, *++argument));
    } else if (option == "--comparisons") {
      options.comparisons = number(option, *++argument);
    } else {
      fail("{}: unknown option; choose --device, --comparisons, --small", option);
    }
    if (*argument == nullptr) break;
  }
  return options;
}

class Comparison {
 public:
  explicit Comparison(const Options& options) : options_(options) {}

  bool enough() const { return compared_ >= options_.comparisons; }
  std::int64_t compared() const { return compared_; }

  /// False when anything that a run reports differs.
  bool run(const program::Program& program, const program::EncodedInput& input, program::Mode mode) {
    const runtime::RunOptions full{0, 0, mode, runtime::kEverything};
    const auto found = runtime::compile(program, kTarget, options_.compile)->run(input, full);
    const auto expected = runtime::compile(program, kExpected)->run(input, full);
    verify::Verification verification;
    verify::compare(program, expected, found, 0, verification);
    compared_ += verification.spikes_compared;
    if (!verification.passed())
      fmt::print("{} mode: {}\n", name_of(mode), verification.first_deviation->to_string());
    else if (found.activity().spikes != expected.activity().spikes ||
             found.activity().synaptic_operations != expected.activity().synaptic_operations)
      fmt::print("{} mode: counts differ\n", name_of(mode));
    else
      return true;
    return false;
  }

 private:
  const Options& options_;
  std::int64_t compared_ = 0;
};

bool random_programs(Comparison& comparison, std::uint64_t count) {
  for (std::uint64_t seed = 0; seed < count && !comparison.enough(); ++seed) {
    const program::Program program = testing::random_program(seed);
    const auto input = testing::random_input(program, 7, program.timesteps, seed);
    for (const auto mode : {program::Mode::synchronous, program::Mode::exact}) {
      if (comparison.run(program, input, mode)) continue;
      fmt::print("{} and {} differ on random program {}\n", kTarget, kExpected, seed);
      return false;
    }
  }
  return true;
}

bool residual_networks(Comparison& comparison) {
  constexpr int kTimesteps = 32, kImages = 4;
  for (std::uint64_t seed = 0; !comparison.enough(); ++seed) {
    const char* shape = seed % 2 == 0 ? "resnet18" : "resnet20";
    const program::Program program = metrics::random_network(shape, 0.06, kTimesteps, seed / 2 % 2);
    const auto images = metrics::random_images(program, kImages, seed);
    for (const auto mode : {program::Mode::synchronous, program::Mode::exact}) {
      if (comparison.run(program, images, mode)) continue;
      fmt::print("{} and {} differ on a random {} (seed {})\n", kTarget, kExpected, shape, seed / 2 % 2);
      return false;
    }
    fmt::print("{} compared\n", comparison.compared());
  }
  return true;
}

int run(const Options& options) {
  Comparison comparison(options);
  constexpr std::uint64_t kPrograms = 500;
  if (!random_programs(comparison, options.small ? 1'000'000 : kPrograms)) return 1;
  if (!options.small && !residual_networks(comparison)) return 1;
  fmt::print("{} = {}: 0 deviations over {} neuron-timesteps\n", kTarget, kExpected, comparison.compared());
  return 0;
}

}  // namespace
}  // namespace neurocuda

int main(int, char** arguments) {
  try {
    return neurocuda::run(neurocuda::parse(arguments));
  } catch (const neurocuda::BackendUnavailable& error) {
    fmt::print(stderr, "{} against {}: {}\n", neurocuda::kTarget, neurocuda::kExpected, error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{} against {}: {}\n", neurocuda::kTarget, neurocuda::kExpected, error.what());
    return 3;
  }
}
