#pragma once

#include <gtest/gtest.h>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::testing {

/// Equality of two operators of one kind, parameters bit for bit.
struct SameOperator {
  static bool equal(const ir::Input& a, const ir::Input& b) {
    return a.shape == b.shape && a.normalization == b.normalization;
  }
  static bool equal(const ir::Conv2d& a, const ir::Conv2d& b) {
    return a.weight == b.weight && a.bias == b.bias && a.window == b.window && a.groups == b.groups;
  }
  static bool equal(const ir::Linear& a, const ir::Linear& b) { return a.weight == b.weight && a.bias == b.bias; }
  static bool equal(const ir::BatchNorm2d& a, const ir::BatchNorm2d& b) {
    return a.gamma == b.gamma && a.beta == b.beta && a.mean == b.mean && a.variance == b.variance &&
           a.epsilon == b.epsilon;
  }
  static bool equal(const ir::AvgPool2d& a, const ir::AvgPool2d& b) { return a.window == b.window; }
  static bool equal(const ir::MaxPool2d& a, const ir::MaxPool2d& b) { return a.window == b.window; }
  static bool equal(const ir::Dropout& a, const ir::Dropout& b) { return a.rate == b.rate; }
  static bool equal(const ir::QCFS& a, const ir::QCFS& b) { return a.lambda == b.lambda && a.levels == b.levels; }
  static bool equal(const ir::ReLU& a, const ir::ReLU& b) { return a.cap == b.cap; }
  static bool equal(const ir::Concat& a, const ir::Concat& b) { return a.count == b.count; }
  static bool equal(const ir::Slice& a, const ir::Slice& b) { return a.begin == b.begin && a.count == b.count; }
  template <class Op>
  static bool equal(const Op&, const Op&) {
    return true;
  }

  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    if constexpr (std::is_same_v<A, B>) {
      return equal(a, b);
    } else {
      return false;
    }
  }
};

inline void expect_same_graph(const ir::Graph& a, const ir::Graph& b) {
  EXPECT_EQ(a.name, b.name);
  ASSERT_EQ(a.size(), b.size());
  for (ir::NodeId id = 0; id < a.size(); ++id) {
    EXPECT_EQ(a.node(id).name, b.node(id).name);
    EXPECT_EQ(a.node(id).inputs, b.node(id).inputs) << a.node(id).name;
    EXPECT_TRUE(std::visit(SameOperator{}, a.node(id).op, b.node(id).op)) << a.node(id).name;
  }
}

}  // namespace neurocuda::testing
