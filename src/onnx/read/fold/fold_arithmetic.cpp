#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <unordered_map>

#include "onnx/read/fold/fold.hpp"
#include "onnx/read/fold/folders.hpp"

namespace neurocuda::onnx {
namespace {

using Integer = std::int64_t;

struct Overflow : std::exception {};

/// What an operator does to two numbers; real arithmetic is done in float64 and rounded, as float32 operators do it.
struct Binary {
  double (*real)(double, double);
  Integer (*integer)(Integer, Integer);
  bool compares = false;  ///< its result is a truth value
};

Integer checked_add(Integer a, Integer b) {
  Integer sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) throw Overflow{};
  return sum;
}
Integer checked_sub(Integer a, Integer b) {
  Integer difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) throw Overflow{};
  return difference;
}
Integer checked_mul(Integer a, Integer b) {
  Integer product = 0;
  if (__builtin_mul_overflow(a, b, &product)) throw Overflow{};
  return product;
}
Integer checked_div(Integer a, Integer b) {
  if (b == 0 || (b == -1 && a == INT64_MIN)) throw Overflow{};
  return a / b;
}
/// The sign of the divisor, as ONNX has it for integers.
Integer checked_mod(Integer a, Integer b) {
  if (b == 0) throw Overflow{};
  if (b == -1) return 0;
  const Integer rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
Integer checked_pow(Integer a, Integer b) {
  if (b < 0) throw Overflow{};
  if (a == 0 || a == 1) return b == 0 ? 1 : a;
  if (a == -1) return b % 2 == 0 ? 1 : -1;
  Integer power = 1;
  for (Integer i = 0; i < b; ++i) power = checked_mul(power, a);  // beyond 64 bits after 63 steps at most
  return power;
}

const std::unordered_map<std::string_view, Binary>& binaries() {
  static const std::unordered_map<std::string_view, Binary> table = {
      {"Add", {[](double a, double b) { return a + b; }, checked_add}},
      {"Sum", {[](double a, double b) { return a + b; }, checked_add}},
      {"Sub", {[](double a, double b) { return a - b; }, checked_sub}},
      {"Mul", {[](double a, double b) { return a * b; }, checked_mul}},
      {"Div", {[](double a, double b) { return a / b; }, checked_div}},
      {"Mod", {[](double a, double b) { return std::fmod(a, b); }, checked_mod}},
      {"Pow", {[](double a, double b) { return std::pow(a, b); }, checked_pow}},
      {"Min", {[](double a, double b) { return std::min(a, b); }, [](Integer a, Integer b) { return std::min(a, b); }}},
      {"Max", {[](double a, double b) { return std::max(a, b); }, [](Integer a, Integer b) { return std::max(a, b); }}},
      {"Equal",
       {[](double a, double b) -> double { return a == b; }, [](Integer a, Integer b) -> Integer { return a == b; },
        true}},
      {"Greater",
       {[](double a, double b) -> double { return a > b; }, [](Integer a, Integer b) -> Integer { return a > b; },
        true}},
      {"GreaterOrEqual",
       {[](double a, double b) -> double { return a >= b; }, [](Integer a, Integer b) -> Integer { return a >= b; },
        true}},
      {"Less",
       {[](double a, double b) -> double { return a < b; }, [](Integer a, Integer b) -> Integer { return a < b; },
        true}},
      {"LessOrEqual",
       {[](double a, double b) -> double { return a <= b; }, [](Integer a, Integer b) -> Integer { return a <= b; },
        true}},
      {"And",
       {[](double a, double b) -> double { return a != 0 && b != 0; },
        [](Integer a, Integer b) -> Integer { return a != 0 && b != 0; }, true}},
      {"Or",
       {[](double a, double b) -> double { return a != 0 || b != 0; },
        [](Integer a, Integer b) -> Integer { return a != 0 || b != 0; }, true}},
  };
  return table;
}

/// visit(i of a, i of b) for all elements of the shape that both are broadcast to.
template <class Visit>
void walk_both(const Constant& a, const Constant& b, const Shape& shape, const Visit& visit) {
  walk<2>(shape, {broadcast_strides(a.shape, shape), broadcast_strides(b.shape, shape)}, {0, 0},
          [&](const auto& places) { visit(static_cast<std::size_t>(places[0]), static_cast<std::size_t>(places[1])); });
}

Constant combined(NodeImporter& node, const Binary& op, const Constant& a, const Constant& b) {
  if (a.is_real() != b.is_real())
    node.malformed("computes with {} and {}; export the model again", type_name(a.type), type_name(b.type));
  const Shape shape = broadcast(node, a.shape, b.shape);
  const auto count = static_cast<std::size_t>(checked_count(node, shape));
  Constant result{shape, op.compares ? static_cast<int>(proto::TensorProto::BOOL) : a.type, {}};
  if (a.is_real() && !op.compares) {
    node.charge_reals(shape);
    Constant::Reals values;
    values.reserve(count);
    walk_both(a, b, shape, [&](std::size_t i, std::size_t j) {
      values.push_back(static_cast<float>(op.real(a.reals()[i], b.reals()[j])));
    });
    result.values = std::move(values);
    return result;
  }
  node.charge_integers(shape);
  Constant::Integers values;
  values.reserve(count);
  walk_both(a, b, shape, [&](std::size_t i, std::size_t j) {
    values.push_back(a.is_real() ? static_cast<Integer>(op.real(a.reals()[i], b.reals()[j]))
                                 : op.integer(a.integers()[i], b.integers()[j]));
  });
  result.values = std::move(values);
  return result;
}

Constant folded_binary(NodeImporter& node, const Constant& a, const Constant& b) {
  try {
    return combined(node, binaries().at(node.node().op_type()), a, b);
  } catch (const Overflow&) {
    node.malformed("computes an integer that is beyond 64 bits, or divides by 0; export the model again");
  }
}

using Unary = double (*)(double);

const std::unordered_map<std::string_view, Unary>& unaries() {
  static const std::unordered_map<std::string_view, Unary> table = {
      {"Abs", [](double a) { return std::abs(a); }},
      {"Ceil", [](double a) { return std::ceil(a); }},
      {"Exp", [](double a) { return std::exp(a); }},
      {"Floor", [](double a) { return std::floor(a); }},
      {"Log", [](double a) { return std::log(a); }},
      {"Neg", [](double a) { return -a; }},
      {"Reciprocal", [](double a) { return 1 / a; }},
      {"Round", [](double a) { return std::nearbyint(a); }},
      {"Sigmoid", [](double a) { return 1 / (1 + std::exp(-a)); }},
      {"Sign", [](double a) { return static_cast<double>((a > 0) - (a < 0)); }},
      {"Sqrt", [](double a) { return std::sqrt(a); }},
      {"Tanh", [](double a) { return std::tanh(a); }},
  };
  return table;
}

Integer integer_unary(const NodeImporter& node, Integer a) {
  const std::string& op = node.node().op_type();
  if (op == "Not") return a == 0 ? 1 : 0;
  if (op == "Sign") return (a > 0) - (a < 0);
  if (op == "Neg" && a != INT64_MIN) return -a;
  if (op == "Abs" && a != INT64_MIN) return std::abs(a);
  node.malformed("computes with the integer {}; export the model again", a);
}

}  // namespace

void fold_binary(NodeImporter& node) {
  node.attributes.ignore("fmod");  // integers are taken as integers, reals as reals
  bind_folded(node, folded_binary(node, *node.constant(0), *node.constant(1)));
}

void fold_variadic(NodeImporter& node) {
  Constant result = node.model().copy(node.constant_ref(0));
  for (int i = 1; i < node.inputs(); ++i) result = folded_binary(node, result, *node.constant(i));
  bind_folded(node, std::move(result));
}

void fold_unary(NodeImporter& node) {
  Constant result = node.model().copy(node.constant_ref(0));
  if (auto* integers = std::get_if<Constant::Integers>(&result.values)) {
    for (Integer& value : *integers) value = integer_unary(node, value);
  } else {
    const auto found = unaries().find(node.node().op_type());
    if (found == unaries().end()) node.malformed("computes with real numbers; export the model again");
    for (float& value : std::get<Constant::Reals>(result.values)) value = static_cast<float>(found->second(value));
  }
  bind_folded(node, std::move(result));
}

void fold_where(NodeImporter& node) {
  const SharedConstant condition = node.constant(0), yes = node.constant(1), no = node.constant(2);
  if (condition->is_real() || yes->is_real() != no->is_real())
    node.malformed("chooses between {} and {} by {}; export the model again", type_name(yes->type), type_name(no->type),
                   type_name(condition->type));
  const Shape shape = broadcast(node, condition->shape, broadcast(node, yes->shape, no->shape));
  const auto count = static_cast<std::size_t>(checked_count(node, shape));
  charge_like(node, *yes, shape);
  const std::array<Strides, 3> strides{broadcast_strides(condition->shape, shape), broadcast_strides(yes->shape, shape),
                                       broadcast_strides(no->shape, shape)};
  Constant result{shape, yes->type, {}};
  std::visit(
      [&](const auto& first) {
        const auto& second = std::get<std::decay_t<decltype(first)>>(no->values);
        std::decay_t<decltype(first)> values;
        values.reserve(count);
        walk<3>(shape, strides, {0, 0, 0}, [&](const auto& places) {
          const bool chosen = condition->integers()[static_cast<std::size_t>(places[0])] != 0;
          values.push_back(chosen ? first[static_cast<std::size_t>(places[1])]
                                  : second[static_cast<std::size_t>(places[2])]);
        });
        result.values = std::move(values);
      },
      yes->values);
  bind_folded(node, std::move(result));
}

void fold_clip(NodeImporter& node) {
  Constant result = node.model().copy(node.constant_ref(0));
  const double low = node.has_input(1) ? scalar(node, 1) : node.attributes.real("min", -HUGE_VALF);
  const double high = node.has_input(2) ? scalar(node, 2) : node.attributes.real("max", HUGE_VALF);
  std::visit(
      [&](auto& values) {
        for (auto& value : values) {
          const double number = std::min(std::max(static_cast<double>(value), low), high);
          if (number != static_cast<double>(value)) value = static_cast<std::decay_t<decltype(value)>>(number);
        }
      },
      result.values);
  bind_folded(node, std::move(result));
}

}  // namespace neurocuda::onnx
