#include "conversion/training/fingerprint.hpp"

#include <fmt/format.h>

#include <cstring>

#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::conversion {
namespace {

std::uint64_t mix(std::uint64_t hash, const void* data, std::size_t bytes) {
  const auto* byte = static_cast<const unsigned char*>(data);
  for (std::size_t i = 0; i < bytes; ++i) hash = (hash ^ byte[i]) * 0x100000001b3ULL;
  return hash;
}

std::uint64_t mix(std::uint64_t hash, const Tensor<float>& tensor) {
  return mix(hash, tensor.data(), static_cast<std::size_t>(tensor.size()) * sizeof(float));
}

}  // namespace

std::uint64_t graph_hash(const ir::Graph& graph) {
  const std::string structure = ir::to_string(graph);
  std::uint64_t hash = mix(0xcbf29ce484222325ULL, structure.data(), structure.size());
  for (const ir::Node& node : graph.nodes()) {
    if (const auto* conv = node.as<ir::Conv2d>()) hash = mix(hash, conv->weight);
    if (const auto* linear = node.as<ir::Linear>()) hash = mix(hash, linear->weight);
  }
  return hash;
}

std::string describe(const data::Dataset& dataset) {
  return fmt::format("{}, {} images", dataset.name, dataset.size());
}

std::string describe(const data::Dataset& dataset, double held_out, std::int64_t score_images,
                     const data::Augmentation& augmentation) {
  return fmt::format("{}, held out {} up to {}, crop {}, flip {}, cutout {}", describe(dataset), held_out, score_images,
                     augmentation.crop_padding, augmentation.flip, augmentation.cutout);
}

}  // namespace neurocuda::conversion
