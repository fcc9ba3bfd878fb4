#include "neurocuda/training/architectures.hpp"

#include <fmt/ranges.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "training/architectures/builder.hpp"

namespace neurocuda::training {
namespace {

using Widths = std::vector<std::int64_t>;

/// A 3x3 stem, then stages of basic blocks; every stage but the first halves the map.
ir::Graph residual(std::string_view name, const ArchitectureOptions& options, const Widths& widths, int blocks) {
  Builder builder(name, options);
  auto x = builder.conv_bn_relu("stem", builder.input(), widths[0]);
  for (std::size_t stage = 0; stage < widths.size(); ++stage) {
    for (int block = 0; block < blocks; ++block) {
      const std::int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      x = builder.basic_block("stage" + std::to_string(stage + 1) + ".block" + std::to_string(block + 1), x,
                              widths[stage], stride);
    }
  }
  return builder.classifier(x);
}

/// Groups of 3x3 convolutions, each followed by 2x2 average pooling.
ir::Graph vgg(std::string_view name, const ArchitectureOptions& options, const std::vector<Widths>& groups) {
  Builder builder(name, options);
  auto x = builder.input();
  std::int64_t height = options.image_shape.at(1), width = options.image_shape.at(2);
  for (std::size_t group = 0; group < groups.size(); ++group) {
    const std::string prefix = "group" + std::to_string(group + 1);
    for (std::size_t layer = 0; layer < groups[group].size(); ++layer) {
      x = builder.conv_bn_relu(prefix + ".conv" + std::to_string(layer + 1), x, groups[group][layer]);
    }
    x = builder.avg_pool(prefix + ".pool", x, 2);
    height /= 2;
    width /= 2;
  }
  if (height < 1 || width < 1) {
    fail("{}: images of shape {} are too small for it; choose a smaller architecture", name,
         to_string(options.image_shape));
  }
  return builder.flat_classifier(x, height * width);
}

/// Linear layers with batch norm over all the values of an input, whatever its shape.
ir::Graph multilayer_perceptron(std::string_view name, const ArchitectureOptions& options, const Widths& widths) {
  Builder builder(name, options);
  auto x = builder.flatten(builder.input(), element_count(options.image_shape));
  for (std::size_t layer = 0; layer < widths.size(); ++layer)
    x = builder.linear_bn_relu("hidden" + std::to_string(layer + 1), x, widths[layer]);
  return builder.flat_output(x);
}

using Make = ir::Graph (*)(std::string_view, const ArchitectureOptions&);

const std::vector<std::pair<std::string, Make>>& table() {
  static const std::vector<std::pair<std::string, Make>> entries{
      {"resnet8",
       [](std::string_view n, const ArchitectureOptions& o) {
         return residual(n, o, {16, 32, 64}, 1);
       }},
      {"resnet20",
       [](std::string_view n, const ArchitectureOptions& o) {
         return residual(n, o, {16, 32, 64}, 3);
       }},
      {"resnet18",
       [](std::string_view n, const ArchitectureOptions& o) {
         return residual(n, o, {64, 128, 256, 512}, 2);
       }},
      {"vgg16",
       [](std::string_view n, const ArchitectureOptions& o) {
         return vgg(n, o, {{64, 64}, {128, 128}, {256, 256, 256}, {512, 512, 512}, {512, 512, 512}});
       }},
      {"vgg_small",
       [](std::string_view n, const ArchitectureOptions& o) {
         return vgg(n, o, {{32, 32}, {64, 64}, {128, 128}});
       }},
      {"digits_resnet",
       [](std::string_view n, const ArchitectureOptions& o) {
         return residual(n, o, {16, 32}, 1);
       }},
      {"mlp",
       [](std::string_view n, const ArchitectureOptions& o) {
         return multilayer_perceptron(n, o, {256, 128});
       }},
  };
  return entries;
}

}  // namespace

const std::vector<std::string>& architecture_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& [name, make] : table()) list.push_back(name);
    return list;
  }();
  return names;
}

ir::Graph build_architecture(std::string_view name, const ArchitectureOptions& options) {
  for (const auto& [known, make] : table()) {
    if (known != name) continue;
    ir::Graph graph = make(name, options);
    ir::validate(graph);
    return graph;
  }
  fail("architecture '{}' is unknown; choose one of {}", name, fmt::join(architecture_names(), ", "));
}

}  // namespace neurocuda::training
