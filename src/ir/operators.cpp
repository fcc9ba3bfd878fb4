#include "neurocuda/ir/operators.hpp"

#include <array>

namespace neurocuda::ir {
namespace {

struct Traits {
  std::string_view name;
  std::size_t arity;
};

// In the order of the variant's alternatives.
constexpr std::array<Traits, std::variant_size_v<Operator>> kTraits{{
    {"Input", 0},
    {"Conv2d", 1},
    {"Linear", 1},
    {"BatchNorm2d", 1},
    {"ReLU", 1},
    {"QCFS", 1},
    {"IF", 1},
    {"Add", 2},
    {"Concat", 0},  // as many as it says
    {"Slice", 1},
    {"AvgPool2d", 1},
    {"GlobalAvgPool", 1},
    {"MaxPool2d", 1},
    {"Flatten", 1},
    {"Identity", 1},
    {"Dropout", 1},
    {"Output", 1},
}};

}  // namespace

std::string_view operator_name(const Operator& op) { return kTraits[op.index()].name; }

std::size_t arity(const Operator& op) {
  if (const auto* concat = std::get_if<Concat>(&op)) return concat->count;
  return kTraits[op.index()].arity;
}

}  // namespace neurocuda::ir
