#include "neurocuda/metrics/random_network.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/random.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::metrics {
namespace {

using namespace program;

constexpr double kLowestDensity = 0.001, kHighestDensity = 0.5;
/// What goes into a network and comes out.
struct Form {
  std::int64_t size, classes;
};
constexpr Form kCifar{32, 10}, kImageNet{224, 1000};

/// Appends layers whose thresholds fire at the wanted density.
class Builder {
 public:
  Builder(std::string_view architecture, const Form& form, double density, int timesteps, std::uint64_t seed)
      : classes_(form.classes), density_(density), random_(seed) {
    program_.name = architecture;
    program_.timesteps = timesteps;
    program_.nodes.push_back({"input",
                              {3, form.size, form.size},
                              InputNode{InputEncoding::constant_current, 8, {0.02, 0.02, 0.02}, {}, {}}});
  }

  NodeIndex last() const { return static_cast<NodeIndex>(program_.nodes.size()) - 1; }
  const Shape& shape(NodeIndex node) const { return program_.nodes[static_cast<std::size_t>(node)].shape; }

  SynapseGroup conv(const std::string& name, NodeIndex source, std::int64_t outputs, std::int64_t kernel,
                    std::int64_t stride) {
    const Window window{{kernel, kernel}, {stride, stride}, {kernel / 2, kernel / 2}, {1, 1}};
    return group(name, source, outputs, Conv{weights({outputs, shape(source)[0], kernel, kernel}), window, 1});
  }

  /// A skip that is worth about as much as a spike of the source is worth to a layer of this size.
  SynapseGroup identity(const std::string& name, NodeIndex source) {
    const std::int64_t outputs = shape(source)[0];
    return group(name, source, outputs, Diagonal{Tensor<std::int8_t>({outputs}, 64)});
  }

  void layer(const std::string& name, Shape shape, std::vector<SynapseGroup> groups);
  template <class Pool>
  void pool(const std::string& name, std::int64_t size, std::int64_t stride, std::int64_t padding) {
    const Shape from = shape(last());
    const auto pooled = [&](std::int64_t length) { return (length + 2 * padding - size) / stride + 1; };
    program_.nodes.push_back({name,
                              {from[0], pooled(from[1]), pooled(from[2])},
                              Pool{last(), {{size, size}, {stride, stride}, {padding, padding}, {1, 1}}}});
  }
  template <class Pool>
  void pool(const std::string& name, std::int64_t size) {
    pool<Pool>(name, size, size, 0);
  }
  Program finish();

 private:
  Tensor<std::int8_t> weights(const Shape& shape) {
    Tensor<std::int8_t> weight(shape);
    for (std::int8_t& value : weight.values()) {
      value = static_cast<std::int8_t>(std::clamp(std::lround(32 * random_.normal()), -127L, 127L));
    }
    return weight;
  }

  SynapseGroup group(const std::string& name, NodeIndex source, std::int64_t outputs, Connection connection) {
    return {name, source, std::move(connection), std::vector<std::uint8_t>(static_cast<std::size_t>(outputs), 0)};
  }

  void append_output(const std::string& name, Tensor<std::int8_t> weight) {
    const std::int64_t outputs = weight.extent(0);
    Accumulator output;
    output.groups.push_back(group(name, last(), outputs, Linear{std::move(weight)}));
    output.bias.assign(static_cast<std::size_t>(outputs), 0);
    program_.nodes.push_back({name, {outputs}, output});
  }

  double measured_density();
  void set_threshold(std::int32_t theta);

  Program program_;
  std::int64_t classes_;
  double density_;
  Random random_;
};

void Builder::layer(const std::string& name, Shape shape, std::vector<SynapseGroup> groups) {
  const auto outputs = static_cast<std::size_t>(channels(shape));
  IfLayer made;
  made.groups = std::move(groups);
  made.bias.assign(outputs, 0);
  made.scale.assign(outputs, 1.0 / 127);
  program_.nodes.push_back({name, std::move(shape), made});

  // The density falls about as 1 / theta, so a few proportional steps are enough.
  constexpr int kSteps = 8;
  double theta = 1024;
  for (int step = 0; step < kSteps; ++step) {
    set_threshold(2 * std::max<std::int32_t>(1, static_cast<std::int32_t>(std::lround(theta / 2))));
    const double ratio = measured_density() / density_;
    if (std::abs(ratio - 1) < 0.03) return;
    theta = std::clamp(theta * std::clamp(ratio, 0.125, 8.0), 2.0, 1e8);
  }
}

void Builder::set_threshold(std::int32_t theta) {
  auto* layer = program_.nodes.back().as<IfLayer>();
  layer->theta.assign(layer->bias.size(), theta);
  layer->v0.assign(layer->bias.size(), theta / 2);
}

/// Of the last layer, on a few images. Neurons with a negative drive fall silent over the first timesteps, so a run
/// that is much shorter than the wanted one would measure too much.
double Builder::measured_density() {
  const NodeIndex layer = last();
  const int timesteps = std::min(program_.timesteps, 64);
  append_output("probe", Tensor<std::int8_t>({1, element_count(shape(layer))}, 0));
  constexpr std::int64_t kImages = 2;
  const auto result =
      runtime::compile(program_, "cpu")
          ->run(random_images(program_, kImages, 1), {.timesteps = timesteps, .wanted = {.counts = true}});
  program_.nodes.pop_back();
  std::int64_t spikes = 0;
  for (int t = 0; t < timesteps; ++t) spikes += result.activity().spikes[layer * timesteps + t];
  return static_cast<double>(spikes) / static_cast<double>(element_count(shape(layer)) * timesteps * kImages);
}

Program Builder::finish() {
  append_output("fc", weights({classes_, element_count(shape(last()))}));
  validate(program_);
  return std::move(program_);
}

/// Two 3x3 convolutions; the second layer also receives the block's input, by a 1x1 convolution where the shape
/// changes.
void residual_block(Builder& builder, const std::string& name, std::int64_t outputs, std::int64_t stride) {
  const NodeIndex input = builder.last();
  const std::int64_t size = builder.shape(input)[1] / stride;
  builder.layer(name + ".relu1", {outputs, size, size}, {builder.conv(name + ".conv1", input, outputs, 3, stride)});
  const NodeIndex middle = builder.last();
  const bool same = stride == 1 && builder.shape(input)[0] == outputs;
  SynapseGroup skip =
      same ? builder.identity(name + ".add", input) : builder.conv(name + ".downsample", input, outputs, 1, stride);
  builder.layer(name + ".relu2", {outputs, size, size},
                {builder.conv(name + ".conv2", middle, outputs, 3, 1), std::move(skip)});
}

/// Of CIFAR's ResNets.
void small_stem(Builder& builder, std::int64_t width) {
  const std::int64_t size = builder.shape(0)[1];
  builder.layer("relu", {width, size, size}, {builder.conv("conv1", 0, width, 3, 1)});
}

/// Of ImageNet's: a quarter of the size comes out.
void large_stem(Builder& builder, std::int64_t width) {
  const std::int64_t size = builder.shape(0)[1] / 2;
  builder.layer("relu", {width, size, size}, {builder.conv("conv1", 0, width, 7, 2)});
  builder.pool<OrPool>("maxpool", 3, 2, 1);
}

/// Behind a stem: stages of blocks that double the channels and halve the size.
void residual_network(Builder& builder, std::int64_t width, int stages, int blocks) {
  for (int stage = 0; stage < stages; ++stage) {
    for (int block = 0; block < blocks; ++block) {
      residual_block(builder, fmt::format("layer{}.{}", stage + 1, block), width << stage,
                     stage > 0 && block == 0 ? 2 : 1);
    }
  }
  builder.pool<SumPool>("avgpool", builder.shape(builder.last())[1]);
}

void vgg16(Builder& builder) {
  constexpr int kPool = 0;
  int index = 0;
  for (const int width :
       {64, 64, kPool, 128, 128, kPool, 256, 256, 256, kPool, 512, 512, 512, kPool, 512, 512, 512, kPool}) {
    const std::string number = std::to_string(index++);
    const NodeIndex source = builder.last();
    const std::int64_t size = builder.shape(source)[1];
    if (width == kPool) {
      builder.pool<OrPool>("pool" + number, 2);
    } else {
      builder.layer("relu" + number, {width, size, size}, {builder.conv("conv" + number, source, width, 3, 1)});
    }
  }
}

void check(std::string_view architecture, double density, int timesteps) {
  const auto& known = random_architectures();
  if (std::find(known.begin(), known.end(), architecture) == known.end()) {
    fail("unknown random network '{}': choose one of {}", architecture, fmt::join(known, ", "));
  }
  if (!(density >= kLowestDensity && density <= kHighestDensity)) {
    fail("density {} is out of range: choose one of {}..{}", density, kLowestDensity, kHighestDensity);
  }
  if (timesteps < 1 || timesteps > kMaxTimesteps) {
    fail("timesteps {} is out of range: choose one of 1..{}", timesteps, kMaxTimesteps);
  }
}

}  // namespace

const std::vector<std::string>& random_architectures() {
  static const std::vector<std::string> names{"resnet18", "resnet18_imagenet", "resnet20", "vgg16"};
  return names;
}

Program random_network(std::string_view architecture, double density, int timesteps, std::uint64_t seed) {
  check(architecture, density, timesteps);
  const bool large = architecture == "resnet18_imagenet";
  Builder builder(architecture, large ? kImageNet : kCifar, density, timesteps, seed);
  if (architecture == "vgg16") {
    vgg16(builder);
  } else if (architecture == "resnet20") {
    small_stem(builder, 16);
    residual_network(builder, 16, 3, 3);
  } else {
    (large ? large_stem : small_stem)(builder, 64);
    residual_network(builder, 64, 4, 2);
  }
  return builder.finish();
}

EncodedInput random_images(const Program& program, std::int64_t images, std::uint64_t seed, int timesteps) {
  const bool constant = program.input().encoding == InputEncoding::constant_current;
  Shape shape = program.nodes.front().shape;
  if (!constant) shape.insert(shape.begin(), timesteps > 0 ? timesteps : program.timesteps);
  shape.insert(shape.begin(), images);
  EncodedInput input(shape);
  Random random(seed);
  const std::int64_t qmax = (1 << (program.input().bits - 1)) - 1;
  for (std::int8_t& value : input.values()) {
    value = static_cast<std::int8_t>(constant ? random.below(2 * qmax + 1) - qmax : random.below(2));
  }
  return input;
}

}  // namespace neurocuda::metrics
