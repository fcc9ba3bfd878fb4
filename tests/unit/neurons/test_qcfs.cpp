#include <gtest/gtest.h>

#include "neurocuda/neurons/qcfs.hpp"

namespace neurocuda::neurons {
namespace {

struct Case {
  torch::Tensor x, lambda, gradient;

  Case() {
    torch::manual_seed(21);
    x = torch::randn({4, 7, 15, 11}) * 1.5;
    lambda = torch::rand({7}) + 0.5;
    gradient = torch::randn_like(x);
  }
  torch::Tensor ceiling() const { return lambda.view({1, -1, 1, 1}); }
};

std::vector<torch::Tensor> gradients(const torch::Tensor& h, const torch::Tensor& g, const torch::Tensor& x,
                                     const torch::Tensor& lambda) {
  return torch::autograd::grad({h}, {x, lambda}, {g});
}

TEST(QcfsFunction, IsTheFormulaWithTheStraightThroughGradient) {
  const Case c;
  const auto x = c.x.clone().set_requires_grad(true), lambda = c.lambda.clone().set_requires_grad(true);
  const auto h = qcfs(x, lambda, 4);
  const auto level = (c.x * 4 / c.ceiling() + 0.5).floor().clamp(0, 4);
  EXPECT_LT((h - level * c.ceiling() / 4).abs().max().item<float>(), 1e-5);
  const auto actual = gradients(h, c.gradient, x, lambda);
  const auto above = (c.x >= c.ceiling()).to(torch::kFloat32);
  const auto inside = (c.x > 0).to(torch::kFloat32) * (1 - above);
  EXPECT_TRUE(torch::allclose(actual[0], c.gradient * inside));
  const auto wanted =
      (c.gradient * (inside * (h.detach() - c.x) / c.ceiling() + above)).sum(torch::IntArrayRef{0, 2, 3});
  EXPECT_TRUE(torch::allclose(actual[1], wanted, 1e-4, 1e-3));
}

TEST(QcfsFunction, Bfloat16ComputesInFloat32) {
  const Case c;
  const auto half = c.x.to(torch::kBFloat16).set_requires_grad(true);
  const auto wide = half.detach().to(torch::kFloat32).set_requires_grad(true);
  const auto lambda = c.lambda.clone().set_requires_grad(true);
  const auto g = c.gradient.to(torch::kBFloat16);
  const auto h = qcfs(half, lambda, 8);
  EXPECT_EQ(h.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(torch::equal(h, qcfs(wide, lambda, 8).to(torch::kBFloat16)));
  const auto actual = gradients(h, g, half, lambda);
  const auto wanted = gradients(qcfs(wide, lambda, 8), g.to(torch::kFloat32), wide, lambda);
  EXPECT_TRUE(torch::equal(actual[0], wanted[0].to(torch::kBFloat16)));
  EXPECT_LT(((actual[1] - wanted[1]).norm() / wanted[1].norm()).item<float>(), 0.02);
}

}  // namespace
}  // namespace neurocuda::neurons
