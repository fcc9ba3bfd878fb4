// Each of the fused kernels on a real device against the reference: a run alone takes the one that is predicted to be
// faster. Skipped where there is no device.
#include <gtest/gtest.h>

#include "conformance/compare.hpp"
#include "conformance/conv_networks.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "runtime/cuda/cuda_device.hpp"
#include "runtime/cuda/probe.hpp"
#include "runtime/gpu/gpu_executable.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using program::Mode;
using runtime::gpu::KernelChoice;

class GpuKernels : public ::testing::TestWithParam<KernelChoice> {
 protected:
  void SetUp() override {
    const std::string obstacle = runtime::cuda::obstacle(0);
    if (!obstacle.empty()) GTEST_SKIP() << obstacle;
  }

  static void expect_equal(const program::Program& program, std::int64_t images, int timesteps) {
    const runtime::gpu::GpuExecutable gpu(program, std::make_unique<runtime::cuda::CudaDevice>(0), GetParam());
    const auto input = testing::random_input(program, images, timesteps, 3);
    for (const Mode mode : {Mode::synchronous, Mode::exact}) {
      const runtime::RunOptions run{timesteps, 0, mode, runtime::kEverything};
      testing::expect_equal(runtime::compile(program, "reference")->run(input, run), gpu.run(input, run));
    }
  }
};

TEST_P(GpuKernels, EqualTheReferenceOnRandomPrograms) {
  for (std::uint64_t seed = 0; seed < 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    expect_equal(testing::random_program(8000 + seed), 5, 1 + static_cast<int>(seed % 64));
  }
}

/// More tiles than multiprocessors, so that blocks run at once and one after the other.
TEST_P(GpuKernels, EqualTheReferenceOnConvolutions) {
  for (const int timesteps : {4, 32, 40}) {
    expect_equal(testing::residual_network(7, 16, 15), 12, timesteps);
    expect_equal(testing::residual_network(8, 70, 9), 12, timesteps);
    expect_equal(testing::pooled_network(3, 35, 14), 6, timesteps);
  }
}

INSTANTIATE_TEST_SUITE_P(Conformance, GpuKernels,
                         ::testing::Values(KernelChoice::simple, KernelChoice::stepwise, KernelChoice::time_batched));

}  // namespace
}  // namespace neurocuda
