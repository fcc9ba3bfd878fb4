#include <gtest/gtest.h>

#include "neurocuda/neurons/channel_kernel.hpp"
#include "neurocuda/neurons/integrate_and_fire.hpp"
#include "neurocuda/neurons/qcfs.hpp"
#include "neurocuda/neurons/tensor_neurons.hpp"
#include "neurons/gpu/neurons.hpp"

/// The GPU's kernels, thread by thread on the host, against the CPU's: codes, spikes and gradients of currents with ==.
namespace neurocuda::neurons {
namespace {

/// Runs every thread of a kernel here, the last first: the order must not matter.
void on_host(const gpu::Kernel& kernel) {
  std::visit(
      [](const auto& k) {
        for (std::int64_t i = k.count(); i-- > 0;) k(i);
      },
      kernel);
}

double relative_error(const torch::Tensor& actual, const torch::Tensor& expected) {
  return ((actual - expected).norm() / expected.norm()).item<double>();
}

struct Shape {
  std::vector<std::int64_t> slice;  ///< (N, C, ...) of one timestep
  int timesteps;
  bool constant;
  torch::Dtype type;
};

struct Case {
  torch::Tensor current, theta, v0, gradient;
  explicit Case(const Shape& shape) {
    torch::manual_seed(static_cast<std::uint64_t>(shape.timesteps));
    auto full = shape.slice;
    full[0] *= shape.timesteps;
    const std::int64_t channels = full[1];
    current = channels_innermost((torch::randn(shape.constant ? shape.slice : full) * 0.6 + 0.3).to(shape.type));
    theta = torch::rand({channels}) + 0.5;
    v0 = torch::rand({channels}) * 0.5;
    gradient = channels_innermost(torch::randn(full).to(shape.type));
  }
};

class GpuNeurons : public ::testing::TestWithParam<Shape> {
 protected:
  const Shape& shape_ = GetParam();
  Case case_{shape_};
};

TEST_P(GpuNeurons, FireLikeTheCpu) {
  const auto [x, theta, v0, gradient] = case_;
  const auto expected = fire_through_time(x, shape_.constant, theta, v0, shape_.timesteps);
  const auto actual = gpu::fire(on_host, x, shape_.constant, theta, v0, shape_.timesteps);
  EXPECT_TRUE(torch::equal(actual.output, expected.output));
  EXPECT_TRUE(torch::equal(actual.codes, expected.codes));
  EXPECT_EQ(actual.output.scalar_type(), shape_.type);
  EXPECT_EQ(actual.codes.strides(), expected.codes.strides());
  for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
    EXPECT_TRUE(torch::equal(gpu::spikes_of(on_host, actual.codes, theta, type), spikes_of(actual.codes, theta, type)));
  }
}

TEST_P(GpuNeurons, LearnLikeTheCpu) {
  auto [x, theta, v0, gradient] = case_;
  for (auto* tensor : {&x, &theta, &v0}) tensor->set_requires_grad(true);
  const auto firing = fire_through_time(x, shape_.constant, theta, v0, shape_.timesteps);
  const auto expected = torch::autograd::grad({firing.output}, {x, theta, v0}, {gradient});
  const auto actual =
      gpu::fire_backward(on_host, gradient, firing.codes, theta.numel(), shape_.timesteps, shape_.constant);
  EXPECT_TRUE(torch::equal(actual.current, expected[0]));
  EXPECT_LT(relative_error(actual.theta, expected[1]), 1e-5);
  EXPECT_LT(relative_error(actual.v0, expected[2]), 1e-5);
}

TEST_P(GpuNeurons, IntegrateLikeTheCpu) {
  const auto [x, theta, v0, gradient] = case_;
  for (const auto mode : {program::Mode::synchronous, program::Mode::exact}) {
    for (const auto kind : {program::NeuronKind::plain, program::NeuronKind::signed_}) {
      const auto expected = integrate_and_fire(x, shape_.constant, theta, v0, shape_.timesteps, mode, kind);
      const auto actual = gpu::integrate_and_fire(on_host, x, shape_.constant, theta, v0, shape_.timesteps, mode, kind);
      EXPECT_TRUE(torch::equal(actual, expected));
      const auto slow =
          tensor_operations::integrate_and_fire(x, shape_.constant, theta, v0, shape_.timesteps, mode, kind);
      EXPECT_TRUE(torch::equal(slow, expected)) << program::name_of(mode) << " " << program::name_of(kind);
    }
  }
}

TEST_P(GpuNeurons, QcfsIsThatOfTheCpu) {
  auto [x, lambda, v0, gradient] = case_;
  x.set_requires_grad(true);
  lambda.set_requires_grad(true);
  const auto g = channels_innermost(gradient.slice(0, 0, x.size(0)));
  const auto h = qcfs(x, lambda, 4);
  const auto expected = torch::autograd::grad({h}, {x, lambda}, {g});
  EXPECT_TRUE(torch::equal(gpu::qcfs(on_host, x, lambda, 4), h));
  const auto [dx, dlambda] = gpu::qcfs_backward(on_host, x.detach(), h.detach(), g, lambda);
  EXPECT_TRUE(torch::equal(dx, expected[0]));
  EXPECT_LT(relative_error(dlambda, expected[1]), 1e-5);
}

TEST_P(GpuNeurons, AGradientOfTheMeanGoesToEveryStep) {
  const auto [x, theta, v0, gradient] = case_;
  const auto spikes = fire_through_time(x, shape_.constant, theta, v0, shape_.timesteps, true);
  EXPECT_TRUE(torch::allclose(tensor_operations::mean_over_time(spikes.output, shape_.timesteps), spikes.mean,
                              shape_.type == torch::kBFloat16 ? 1e-2 : 1e-6, 1e-7));
  const auto mean = torch::randn_like(spikes.mean);
  const auto sum = tensor_operations::add_to_every_step(gradient, mean, shape_.timesteps);
  EXPECT_EQ(sum.scalar_type(), shape_.type);
  EXPECT_EQ(sum.strides(), gradient.strides());
  const auto steps = sum.chunk(shape_.timesteps), given = gradient.chunk(shape_.timesteps);
  for (std::size_t t = 0; t < steps.size(); ++t) {
    const auto wanted = (given[t].to(torch::kFloat32) + mean / shape_.timesteps).to(shape_.type);
    EXPECT_TRUE(torch::allclose(steps[t], wanted, 1e-2, 1e-6)) << t;
  }
}

// What runs on devices without the kernels must not drift from them.
TEST_P(GpuNeurons, TensorOperationsSayTheSame) {
  const auto [x, theta, v0, gradient] = case_;
  const auto kernels = gpu::fire(on_host, x, shape_.constant, theta, v0, shape_.timesteps);
  const auto operations = tensor_operations::fire(x, shape_.constant, theta, v0, shape_.timesteps);
  EXPECT_TRUE(torch::equal(kernels.output, operations.output));
  // v / theta against v (1 / theta): a code can round the other way.
  EXPECT_LE((kernels.codes.to(torch::kInt32) - operations.codes.to(torch::kInt32)).abs().max().item<int>(), 1);
  const std::int64_t channels = theta.numel();
  const auto actual = gpu::fire_backward(on_host, gradient, kernels.codes, channels, shape_.timesteps, shape_.constant);
  const auto expected =
      tensor_operations::fire_backward(gradient, kernels.codes, channels, shape_.timesteps, shape_.constant);
  EXPECT_LT(relative_error(actual.current, expected.current), shape_.type == torch::kFloat32 ? 1e-6 : 1e-2);
  EXPECT_LT(relative_error(actual.theta, expected.theta), 1e-5);
  EXPECT_LT(relative_error(actual.v0, expected.v0), 1e-5);
}

// Timesteps below, at and beyond what is read ahead; few and many channels; more than one element per thread.
INSTANTIATE_TEST_SUITE_P(
    Shapes, GpuNeurons,
    ::testing::Values(Shape{{3, 5, 4, 6}, 1, false, torch::kFloat32}, Shape{{3, 5, 4, 6}, 3, true, torch::kFloat32},
                      Shape{{2, 64, 9, 7}, 4, false, torch::kBFloat16}, Shape{{5, 10}, 6, false, torch::kFloat32},
                      Shape{{5, 10}, 9, true, torch::kBFloat16}, Shape{{1, 1, 1, 1}, 2, false, torch::kFloat32},
                      Shape{{9, 3, 101, 103}, 5, false, torch::kFloat32}));

TEST(ChannelSums, RowsFillTheDeviceAndCoverEveryElement) {
  EXPECT_EQ(gpu::partial_rows(0, 7), 1);
  EXPECT_EQ(gpu::partial_rows(70, 7), 10);
  EXPECT_EQ(gpu::partial_rows(std::int64_t{1} << 30, 64), gpu::kThreadsWithSums / 64);
  EXPECT_EQ(gpu::partial_rows(std::int64_t{1} << 40, gpu::kThreadsWithSums * 2), 1);
  for (const std::int64_t rows : {1, 2, 3, 4, 5, 4096, 4097}) {
    const std::int64_t groups = gpu::groups_of_rows(rows);
    EXPECT_GE(groups * groups, rows);
    EXPECT_LT((groups - 1) * (groups - 1), rows);
  }
}

TEST(GpuNeurons, NothingComesOfNothing) {
  const auto theta = torch::ones({4});
  const auto x = torch::empty({0, 4, 3, 3});
  EXPECT_EQ(gpu::fire(on_host, x, false, theta, theta, 2).codes.numel(), 0);
  const auto gradients = gpu::fire_backward(on_host, x, x.to(torch::kInt8), 4, 2, false);
  EXPECT_TRUE(torch::equal(gradients.theta, torch::zeros({4})));
}

TEST(GpuNeurons, TensorsOfTheCpuHaveNoLaunch) { EXPECT_FALSE(gpu::launch_beside(torch::ones({2, 2}))); }

/// The same on a real device, through the functions that networks call.
class NeuronsOnADevice : public GpuNeurons {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  }
};

TEST_P(NeuronsOnADevice, FireAndLearnLikeTheCpu) {
  const auto run = [&](torch::Device device) {
    const auto leaf = [&](const torch::Tensor& t) { return t.to(device).detach().set_requires_grad(true); };
    const auto x = leaf(case_.current), theta = leaf(case_.theta), v0 = leaf(case_.v0);
    const auto firing = fire_through_time(x, shape_.constant, theta, v0, shape_.timesteps);
    auto results = torch::autograd::grad({firing.output}, {x, theta, v0}, {case_.gradient.to(device)});
    for (const auto& tensor : {firing.output, firing.codes, spikes_of(firing.codes, theta, torch::kFloat32)}) {
      results.push_back(tensor);
    }
    const torch::NoGradGuard no_grad;
    for (const auto mode : {program::Mode::synchronous, program::Mode::exact}) {
      results.push_back(integrate_and_fire(x, shape_.constant, theta, v0, shape_.timesteps, mode));
    }
    for (auto& tensor : results) tensor = tensor.detach().cpu();
    return results;
  };
  const auto expected = run(torch::kCPU), actual = run(torch::kCUDA), again = run(torch::kCUDA);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const bool is_a_sum = i == 1 || i == 2;
    if (is_a_sum) {
      EXPECT_LT(relative_error(actual[i], expected[i]), 1e-5) << i;
    } else {
      EXPECT_TRUE(torch::equal(actual[i], expected[i])) << i;
    }
    EXPECT_TRUE(torch::equal(actual[i], again[i])) << i;
  }
}

TEST_P(NeuronsOnADevice, QcfsIsThatOfTheCpu) {
  const auto run = [&](torch::Device device) {
    const auto x = case_.current.to(device).detach().set_requires_grad(true);
    const auto lambda = case_.theta.to(device).detach().set_requires_grad(true);
    const auto h = qcfs(x, lambda, 4);
    const auto g = case_.gradient.slice(0, 0, x.size(0)).to(device);
    const auto gradients = torch::autograd::grad({h}, {x, lambda}, {g});
    return std::vector{h.detach().cpu(), gradients[0].cpu(), gradients[1].cpu()};
  };
  const auto expected = run(torch::kCPU), actual = run(torch::kCUDA);
  for (const std::size_t i : {0U, 1U}) EXPECT_TRUE(torch::equal(actual[i], expected[i])) << i;
  EXPECT_LT(relative_error(actual[2], expected[2]), 1e-5);
}

TEST(NeuronsOnADevice, RunAsKernels) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  EXPECT_TRUE(gpu::launch_beside(torch::ones({2, 2}, torch::kCUDA))) << "fell back to tensor operations";
}

INSTANTIATE_TEST_SUITE_P(Shapes, NeuronsOnADevice,
                         ::testing::Values(Shape{{3, 5, 4, 6}, 3, true, torch::kFloat32},
                                           Shape{{2, 64, 9, 7}, 4, false, torch::kBFloat16},
                                           Shape{{5, 10}, 9, false, torch::kFloat32},
                                           Shape{{9, 3, 101, 103}, 5, false, torch::kFloat32}));

}  // namespace
}  // namespace neurocuda::neurons
