#include <gtest/gtest.h>

#include "neurocuda/neurons/fire_through_time.hpp"
#include "neurocuda/neurons/integrate_and_fire.hpp"
#include "neurocuda/neurons/spike_convolution.hpp"
#include "neurocuda/neurons/tensor_neurons.hpp"
#include "neurons/neuron_arithmetic.hpp"
#include "neurons/surrogate.hpp"

namespace neurocuda::neurons {
namespace {

/// The same neurons in plain autograd, float32 per step: the arctan surrogate as a difference of a detached step.
torch::Tensor textbook(const std::vector<torch::Tensor>& currents, const torch::Tensor& theta,
                       const torch::Tensor& v0) {
  const auto th = theta.view({1, -1, 1, 1});
  const float gain = surrogate::gain(static_cast<int>(currents.size()));
  auto v = v0.view({1, -1, 1, 1}).expand_as(currents[0]);
  std::vector<torch::Tensor> outputs;
  for (const auto& x : currents) {
    v = v + x;
    const auto smooth = torch::atan(surrogate::kPi * (v - th) / th) / surrogate::kPi + 0.5;
    const auto spike = (v >= kFires * th).to(torch::kFloat32);
    outputs.push_back(th * (spike.detach() + gain * (smooth - smooth.detach())));
    v = v - th * spike.detach();
  }
  return torch::cat(outputs);
}

struct Case {
  torch::Tensor current, theta, v0, gradient;
  int timesteps;
  bool constant;

  Case(int t, bool is_constant) : timesteps(t), constant(is_constant) {
    torch::manual_seed(static_cast<std::uint64_t>(t));
    const std::int64_t n = 3;
    current = (torch::randn({constant ? n : n * t, 5, 4, 6}) * 0.6 + 0.3).set_requires_grad(true);
    theta = (torch::rand({5}) + 0.5).set_requires_grad(true);
    v0 = (torch::rand({5}) * 0.5).set_requires_grad(true);
    gradient = torch::randn({n * t, 5, 4, 6});
  }
  std::vector<torch::Tensor> steps() const {
    if (!constant) return current.chunk(timesteps);
    return std::vector<torch::Tensor>(static_cast<std::size_t>(timesteps), current);
  }
  std::vector<torch::Tensor> gradients(const torch::Tensor& output) const {
    return torch::autograd::grad({(output * gradient).sum()}, {current, theta, v0});
  }
};

double relative_error(const torch::Tensor& actual, const torch::Tensor& expected) {
  return ((actual - expected).norm() / expected.norm()).item<double>();
}

class FireThroughTime : public ::testing::TestWithParam<std::tuple<int, bool>> {
 protected:
  Case case_{std::get<0>(GetParam()), std::get<1>(GetParam())};
};

TEST_P(FireThroughTime, FiresLikeTheNeuronsWithoutAGradient) {
  const auto [output, codes, no_mean] =
      fire_through_time(case_.current, case_.constant, case_.theta, case_.v0, case_.timesteps);
  const torch::NoGradGuard no_grad;
  const auto expected = integrate_and_fire(case_.current, case_.constant, case_.theta, case_.v0, case_.timesteps,
                                           program::Mode::synchronous);
  EXPECT_TRUE(torch::equal(output, expected));
  EXPECT_TRUE(torch::equal(codes.ge(0), expected.gt(0)));
  EXPECT_EQ(codes.element_size(), 1U);
  EXPECT_FALSE(no_mean.defined());
}

TEST_P(FireThroughTime, GradientsAreThoseOfTheTextbook) {
  const auto firing = fire_through_time(case_.current, case_.constant, case_.theta, case_.v0, case_.timesteps);
  const auto actual = case_.gradients(firing.output);
  const auto expected = case_.gradients(textbook(case_.steps(), case_.theta, case_.v0));
  // One byte per membrane: 1/127 of the arctan's range.
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_LT(relative_error(actual[i], expected[i]), 0.02) << i;
}

// An objective on the mean alone, and on both outputs, against the same mean taken of the spikes of every step.
TEST_P(FireThroughTime, TheMeanOverTimeCanBeDifferentiated) {
  const auto plain = fire_through_time(case_.current, case_.constant, case_.theta, case_.v0, case_.timesteps);
  const auto firing = fire_through_time(case_.current, case_.constant, case_.theta, case_.v0, case_.timesteps, true);
  EXPECT_TRUE(torch::equal(firing.output, plain.output));
  const auto mean = tensor_operations::mean_over_time(plain.output, case_.timesteps);
  EXPECT_TRUE(torch::allclose(firing.mean, mean, 1e-6, 1e-7));
  const auto weights = torch::randn_like(mean);
  const auto of = [&](const torch::Tensor& loss) {
    return torch::autograd::grad({loss}, {case_.current, case_.theta, case_.v0}, {}, /*retain_graph=*/true);
  };
  for (const double share : {0.0, 1.0}) {
    auto actual = (firing.mean * weights).sum(), wanted = (mean * weights).sum();
    if (share > 0) {
      actual = actual + share * (firing.output * case_.gradient).sum();
      wanted = wanted + share * (plain.output * case_.gradient).sum();
    }
    const auto a = of(actual), w = of(wanted);
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_LT(relative_error(a[i], w[i]), 1e-5) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Timesteps, FireThroughTime,
                         ::testing::Combine(::testing::Values(1, 2, 4, 9), ::testing::Bool()));

// What a deep network needs: what a layer hands on of the gradient of a mean rate does not grow with T.
TEST(FireThroughTime, TheGradientOfAMeanRateIsTheSameForAllTimesteps) {
  std::vector<double> gradients;
  for (const int timesteps : {4, 8, 16, 32}) {
    torch::manual_seed(3);
    const auto current = torch::rand({1, 4, 64, 64}).set_requires_grad(true);
    const auto theta = torch::ones({4}), v0 = torch::full({4}, 0.5);
    const auto rate = fire_through_time(current, true, theta, v0, timesteps).output.sum(0) / timesteps;
    rate.sum().backward();
    gradients.push_back(current.grad().mean().item<double>());
  }
  for (const double gradient : gradients) EXPECT_NEAR(gradient, gradients.front(), 0.1 * gradients.front());
}

// Several blocks of rows, the last of them short.
TEST(FireThroughTime, LargeTensorsFireAndLearnLikeTheTextbook) {
  torch::manual_seed(8);
  const int timesteps = 3;
  const auto current = (torch::randn({2 * timesteps, 7, 15, 11}) * 0.6 + 0.3).set_requires_grad(true);
  const auto theta = (torch::rand({7}) + 0.5).set_requires_grad(true);
  const auto v0 = (torch::rand({7}) * 0.5).set_requires_grad(true);
  const auto gradient = torch::randn_like(current);
  const auto spikes = fire_through_time(current, false, theta, v0, timesteps).output;
  const auto expected = textbook(current.chunk(timesteps), theta, v0);
  EXPECT_TRUE(torch::allclose(spikes, expected));
  const auto actual = torch::autograd::grad({(spikes * gradient).sum()}, {current, theta, v0});
  const auto wanted = torch::autograd::grad({(expected * gradient).sum()}, {current, theta, v0});
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_LT(relative_error(actual[i], wanted[i]), 0.02) << i;
}

TEST(FireThroughTime, TakesBfloat16CurrentsAndKeepsMembranesInFloat32) {
  torch::manual_seed(9);
  const int timesteps = 4;
  const auto half = (torch::randn({2 * timesteps, 16, 9, 9}) * 0.6 + 0.3).to(torch::kBFloat16).set_requires_grad(true);
  const auto wide = half.detach().to(torch::kFloat32).set_requires_grad(true);
  const auto theta = (torch::rand({16}) + 0.5).set_requires_grad(true);
  const auto v0 = (theta.detach() / 2).clone().set_requires_grad(true);
  const auto narrow_firing = fire_through_time(half, false, theta, v0, timesteps);
  const auto wide_firing = fire_through_time(wide, false, theta, v0, timesteps);
  EXPECT_EQ(narrow_firing.output.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(torch::equal(narrow_firing.codes, wide_firing.codes));
  EXPECT_TRUE(torch::equal(narrow_firing.output, wide_firing.output.to(torch::kBFloat16)));
  const auto gradient = torch::randn_like(wide).to(torch::kBFloat16);
  const auto actual = torch::autograd::grad({narrow_firing.output}, {half, theta, v0}, {gradient});
  const auto wanted = torch::autograd::grad({wide_firing.output}, {wide, theta, v0}, {gradient.to(torch::kFloat32)});
  EXPECT_TRUE(torch::equal(actual[0], wanted[0].to(torch::kBFloat16)));
  for (const std::size_t i : {1U, 2U}) EXPECT_TRUE(torch::equal(actual[i], wanted[i])) << i;
}

TEST(FireThroughTime, TheMeanOfBfloat16SpikesOfSeveralBlocksIsThatOfFloat32) {
  torch::manual_seed(12);
  const int timesteps = 3;
  const auto half = torch::randn({2 * timesteps, 7, 15, 11}).to(torch::kBFloat16).set_requires_grad(true);
  const auto wide = half.detach().to(torch::kFloat32).set_requires_grad(true);
  const auto theta = (torch::rand({7}) + 0.5).set_requires_grad(true);
  const auto v0 = (theta.detach() / 2).clone().set_requires_grad(true);
  const auto narrow = fire_through_time(half, false, theta, v0, timesteps, true);
  const auto full = fire_through_time(wide, false, theta, v0, timesteps, true);
  EXPECT_EQ(narrow.mean.scalar_type(), torch::kFloat32);
  EXPECT_TRUE(torch::equal(narrow.mean, full.mean));
  const auto gradient = torch::randn_like(full.mean);
  const auto actual = torch::autograd::grad({narrow.mean}, {half, theta, v0}, {gradient});
  const auto wanted = torch::autograd::grad({full.mean}, {wide, theta, v0}, {gradient});
  EXPECT_TRUE(torch::equal(actual[0], wanted[0].to(torch::kBFloat16)));
  for (const std::size_t i : {1U, 2U}) EXPECT_TRUE(torch::equal(actual[i], wanted[i])) << i;
}

TEST(IntegrateAndFire, Bfloat16IsFloat32WithRoundedOutputs) {
  torch::manual_seed(10);
  const auto current = torch::randn({6, 5, 13, 17}).to(torch::kBFloat16);
  const auto theta = torch::rand({5}) + 0.5, v0 = theta / 2;
  for (const auto mode : {program::Mode::synchronous, program::Mode::exact}) {
    const auto narrow = integrate_and_fire(current, false, theta, v0, 3, mode);
    const auto wide = integrate_and_fire(current.to(torch::kFloat32), false, theta, v0, 3, mode);
    EXPECT_TRUE(torch::equal(narrow, wide.to(torch::kBFloat16)));
  }
}

TEST(SpikesOf, GivesBackWhatWasFired) {
  torch::manual_seed(11);
  const auto current = torch::randn({4, 5, 20, 21});
  const auto theta = torch::rand({5}) + 0.5;
  const auto [output, codes, no_mean] = fire_through_time(current, false, theta, theta / 2, 2);
  EXPECT_TRUE(torch::equal(spikes_of(codes, theta, torch::kFloat32), output));
  EXPECT_TRUE(torch::equal(spikes_of(codes, theta, torch::kBFloat16), output.to(torch::kBFloat16)));
}

TEST(Surrogate, CodesKeepTheDerivative) {
  for (float u = -30.0F; u < 30.0F; u += 0.0137F) {
    const std::int8_t code = surrogate::encode(u, u >= 0);
    EXPECT_EQ(surrogate::fired(code), u >= 0) << u;
    const auto decoded = surrogate::decode(code);
    const float z = surrogate::kPi * u;
    EXPECT_NEAR(decoded.derivative, 1.0F / (1.0F + z * z), 0.012F) << u;
  }
  EXPECT_TRUE(surrogate::fired(surrogate::encode(-1e-6F, true)));
  EXPECT_FALSE(surrogate::fired(surrogate::encode(-1e-9F, false)));
}

TEST(SpikeConvolution, HasTheGradientsOfAConvolution) {
  torch::manual_seed(3);
  for (const std::int64_t groups : {1, 2}) {
    const auto theta = torch::rand({6}) + 0.5;
    const auto codes = torch::randint(-128, 128, {4, 6, 7, 5}, torch::kInt8);
    const auto x = (codes.ge(0).to(torch::kFloat32) * theta.view({1, -1, 1, 1})).set_requires_grad(true);
    const auto weight = torch::randn({8, 6 / groups, 3, 3}).set_requires_grad(true);
    const auto bias = torch::randn({8}).set_requires_grad(true);
    const Window window{{3, 3}, {2, 1}, {1, 2}, {1, 2}};
    const auto expected = torch::conv2d(x, weight, bias, {2, 1}, {1, 2}, {1, 2}, groups);
    const auto actual = spike_convolution({x, codes}, theta, weight, bias, window, groups, false);
    ASSERT_TRUE(torch::allclose(actual, expected));
    const auto g = torch::randn_like(expected);
    const auto want = torch::autograd::grad({(expected * g).sum()}, {x, weight, bias});
    const auto have = torch::autograd::grad({(actual * g).sum()}, {x, weight, bias});
    for (std::size_t i = 0; i < want.size(); ++i) EXPECT_TRUE(torch::allclose(have[i], want[i], 1e-4, 1e-4)) << i;
  }
}

TEST(SpikeConvolution, WorksWithoutABias) {
  const auto codes = torch::randint(-128, 128, {2, 3, 4, 4}, torch::kInt8);
  const auto x = codes.ge(0).to(torch::kFloat32), theta = torch::ones({3});
  const auto weight = torch::randn({2, 3, 1, 1}).set_requires_grad(true);
  spike_convolution({x, codes}, theta, weight, {}, Window{}, 1, false).sum().backward();
  EXPECT_TRUE(torch::allclose(weight.grad().flatten(1)[0], x.sum(torch::IntArrayRef{0, 2, 3}), 1e-4, 1e-4));
}

TEST(LightAvgPool, IsAnAveragePool) {
  torch::manual_seed(4);
  const auto x = torch::randn({2, 3, 7, 8}).set_requires_grad(true);
  const Window window{{3, 2}, {2, 2}, {1, 1}, {1, 1}};
  const auto expected = torch::avg_pool2d(x, {3, 2}, {2, 2}, {1, 1});
  const auto actual = light_avg_pool(x, window);
  EXPECT_TRUE(torch::allclose(actual, expected));
  const auto g = torch::randn_like(expected);
  EXPECT_TRUE(torch::allclose(torch::autograd::grad({(actual * g).sum()}, {x})[0],
                              torch::autograd::grad({(expected * g).sum()}, {x})[0]));
}

}  // namespace
}  // namespace neurocuda::neurons
