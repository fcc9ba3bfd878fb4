#pragma once

#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/settings.hpp"
#include "neurocuda/data/loader.hpp"
#include "neurocuda/network/compute.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/training/run_identity.hpp"

/// What resolved settings say to the parts that a stage uses.
namespace neurocuda::conversion {

/// So many levels that QCFS is a clip at its threshold.
inline constexpr std::int64_t kContinuous = 1 << 20;

inline network::ComputeOptions compute_of(const Settings& settings) {
  return {settings.device, settings.threads, settings.bf16};
}

inline network::GridOptions grid_of(const Settings& settings) {
  return {settings.weight_bits, settings.input_bits, settings.input_absmax.value_or(std::vector<float>{})};
}

inline compiler::LowerOptions lower_options(const Settings& settings) {
  return {settings.timesteps, settings.weight_bits, settings.input_bits,
          settings.input_absmax.value_or(std::vector<float>{})};
}

inline data::Augmentation augmentation_of(const Settings& settings) {
  return {settings.crop_padding.value(), settings.flip.value(), settings.cutout};
}

/// Whose checkpoint a stage may go on from: the network, the images, and every setting that the stage sees. What comes
/// after the stage, where it computes and what is reported do not matter.
inline training::RunIdentity identity_of(const std::string& stage, const ir::Graph& graph, const data::Dataset& images,
                                         const Settings& settings) {
  const bool tuning = stage == "fine-tuning";
  training::RunIdentity identity = training::identity_of(stage, graph, images);
  for (auto& [name, value] : settings::list_of(settings, [&](settings::Group group) {
         using settings::Group;
         return group == Group::network || group == Group::data || group == Group::calibration ||
                (tuning && group == Group::fine_tuning);
       }))
    identity.emplace_back(std::move(name), std::move(value));
  identity.emplace_back("seed", std::to_string(settings.seed));
  identity.emplace_back("bf16", settings.bf16 ? "true" : "false");
  return identity;
}

}  // namespace neurocuda::conversion
