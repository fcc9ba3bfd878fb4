#include "neurocuda/base/error.hpp"
#include "neurocuda/conversion/finetune.hpp"

namespace neurocuda::conversion {

Gradient gradient_named(std::string_view name) {
  for (const Gradient gradient : {Gradient::none, Gradient::rate, Gradient::through_time}) {
    if (name_of(gradient) == name) return gradient;
  }
  fail("fine-tuning '{}' is unknown; use none, rate or bptt", name);
}

std::string_view name_of(Gradient gradient) {
  switch (gradient) {
    case Gradient::none:
      return "none";
    case Gradient::rate:
      return "rate";
    case Gradient::through_time:
      return "bptt";
  }
  throw InternalError("an unknown gradient");
}

Gradient default_gradient(int timesteps) { return timesteps <= 16 ? Gradient::through_time : Gradient::none; }

TeacherWeights default_weights(Gradient gradient) {
  if (gradient == Gradient::through_time) return {.rate_matching = 10, .distillation = 3};
  const FinetuneOptions plain;
  return {plain.rate_matching, plain.distillation};
}

}  // namespace neurocuda::conversion
