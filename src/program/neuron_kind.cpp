#include "neurocuda/program/neuron_kind.hpp"

#include "neurocuda/base/error.hpp"

namespace neurocuda::program {

std::string_view name_of(NeuronKind kind) {
  for (const auto& [value, name] : settings::Choices<NeuronKind>::list) {
    if (value == kind) return name;
  }
  throw InternalError("a kind of neurons without a name");
}

}  // namespace neurocuda::program
