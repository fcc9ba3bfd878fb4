#include "nir/native/neuron_reader.hpp"

#include <algorithm>

#include "nir/native/schema.hpp"
#include "nir/native/synapse_reader.hpp"

namespace neurocuda::nir::native {
namespace {

using namespace program;

Shape checked(const Fields& fields, const char* key, Shape shape) {
  const bool positive = std::all_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent > 0; });
  if (positive && (shape.size() == 1 || shape.size() == 3)) return shape;
  fields.reject(key, "gives the shape {}; (C, H, W) or (C,) is wanted", to_string(shape));
}

Shape stated_shape(const Fields& fields, const char* key) {
  return checked(fields, key, fields.integers(key, {1, INT32_MAX}));
}

std::vector<float> floats(const Fields& fields, const char* key) {
  if (!fields.has(key)) return {};
  const auto values = fields.reals(key);
  return {values.begin(), values.end()};
}

std::vector<std::int32_t> int32s(const Fields& fields, const char* key) {
  const auto values = fields.integers(key, kInt32);
  return {values.begin(), values.end()};
}

/// (T', C), how many of both validate() checks.
Tensor<std::int32_t> biases_by_timestep(const Fields& metadata) {
  if (!metadata.has(key::bias_by_timestep)) return {};
  const Shape& shape = metadata.shape(key::bias_by_timestep);
  if (shape.size() != 2 || element_count(shape) == 0) {
    metadata.reject(key::bias_by_timestep, "has shape {}; (timesteps, channels) is wanted", to_string(shape));
  }
  return {shape, int32s(metadata, key::bias_by_timestep)};
}

/// Whether an optional text is the second of two; the first one is what it is without.
bool is_second(const Fields& metadata, const char* key, const char* first, const char* second) {
  if (!metadata.has(key)) return false;
  const std::string text = metadata.text(key);
  if (text != first && text != second) metadata.reject(key, "is '{}'; {} or {} is wanted", text, first, second);
  return text == second;
}

InputNode input_of(const Fields& metadata) {
  InputNode input;
  const std::string encoding = metadata.text(key::encoding);
  if (encoding == value::spike_train) {
    input.encoding = InputEncoding::spike_train;
  } else if (encoding != value::constant_current) {
    metadata.reject(key::encoding, "is '{}'; {} or {} is wanted", encoding, value::constant_current,
                    value::spike_train);
  }
  input.bits = static_cast<int>(metadata.integer(key::bits, {2, 8}));
  input.scale = metadata.reals(key::scale);
  input.mean = floats(metadata, key::mean);
  input.stddev = floats(metadata, key::stddev);
  return input;
}

// An array of `shape` that holds `wanted` everywhere.
void require_all(const Fields& fields, const char* key, const Shape& shape, double wanted) {
  if (fields.shape(key) != shape) {
    fields.reject(key, "has shape {}; {} is wanted", to_string(fields.shape(key)), to_string(shape));
  }
  for (const double value : fields.reals(key)) {
    if (value != wanted) fields.reject(key, "holds {}; {} is wanted everywhere", value, wanted);
  }
}

// Full-shape thresholds, equal within a channel, back to one per channel.
std::vector<std::int32_t> thresholds(const Fields& fields, const Shape& shape) {
  const auto values = fields.integers("v_threshold", kInt32);
  const auto plane = static_cast<std::size_t>(program::plane(shape));
  std::vector<std::int32_t> theta;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % plane == 0) theta.push_back(static_cast<std::int32_t>(values[i]));
    if (values[i] != theta.back()) {
      fields.reject("v_threshold", "[{}] is {}, others of its channel {}; one per channel is wanted", i, values[i],
                    theta.back());
    }
  }
  return theta;
}

program::Node if_layer_of(const Part& part, std::string_view origin) {
  const Fields fields = part.parameters(origin);
  const Fields metadata = part.metadata(origin);
  program::Node node;
  node.shape = checked(fields, "v_threshold", fields.shape("v_threshold"));
  require_all(fields, "r", node.shape, 1);
  if (fields.has("v_reset")) require_all(fields, "v_reset", node.shape, 0);
  IfLayer layer;
  layer.theta = thresholds(fields, node.shape);
  layer.v0 = int32s(metadata, key::v0);
  layer.scale = metadata.reals(key::scale);
  if (is_second(metadata, key::neuron, value::plain, value::signed_)) layer.neuron = NeuronKind::signed_;
  layer.bias_by_timestep = biases_by_timestep(metadata);
  if (metadata.has(key::density)) layer.density = metadata.real(key::density);
  node.kind = std::move(layer);
  return node;
}

Shape pooled(const Part& part, const Window& window, const Shape& source, std::string_view origin) {
  if (source.size() != 3) {
    fail("{}: {}: reads the shape {}; a pool reads (C, H, W)", origin, part.owner, to_string(source));
  }
  const Size2 out = output_size(window, {source[1], source[2]});
  return {source[0], out.height, out.width};
}

program::Node or_pool_of(const Part& part, const Shape& source, std::string_view origin) {
  const Part& sum = part.only_source(origin);
  if (sum.kind != kind::or_sum) fail("{}: {}: reads {}, not the sum of a pool", origin, part.owner, sum.owner);
  program::Node node;
  const Window window = pool_window(sum, origin);
  node.shape = pooled(part, window, source, origin);
  require_all(part.parameters(origin), "threshold", node.shape, 0.5);
  OrPool pool{0, window};
  const Fields metadata = part.metadata(origin);
  if (is_second(metadata, key::rule, value::or_per_timestep, value::maximum_of_counts)) {
    pool.rule = MaxPoolRule::maximum_of_counts;
  }
  if (metadata.has(key::takes_minimum)) {
    const auto flags = metadata.integers(key::takes_minimum, {0, 1});
    pool.takes_minimum.assign(flags.begin(), flags.end());
  }
  node.kind = std::move(pool);
  return node;
}

program::Node sum_pool_of(const Part& part, const Shape& source, std::string_view origin) {
  const Window window = pool_window(part, origin);
  return {{}, pooled(part, window, source, origin), SumPool{0, window}};
}

program::Node accumulator_of(const Part& part, std::string_view origin) {
  Accumulator accumulator;
  accumulator.scale = part.metadata(origin).real(key::scale);
  accumulator.bias_by_timestep = biases_by_timestep(part.metadata(origin));
  return {{}, stated_shape(part.parameters(origin), "shape"), std::move(accumulator)};
}

}  // namespace

Window pool_window(const Part& part, std::string_view origin) {
  part.require_type(origin, {"SumPool2d"});
  const Fields fields = part.parameters(origin);
  const Fields metadata = part.metadata(origin);
  return {fields.size("kernel_size", {1, kMaxExtent}), fields.size("stride", {1, kMaxExtent}),
          fields.size("padding", {0, kMaxExtent}), metadata.size(key::dilation, {1, kMaxExtent}),
          metadata.has(key::ceil_mode) && metadata.integer(key::ceil_mode, {0, 1}) == 1};
}

program::Node neurons_of(const Part& part, const Shape& source, std::string_view origin) {
  const std::optional<program::Node> kind = empty_node(part);
  ensure(kind.has_value(), "a NIR node that is no Program node was read as one");
  return visit_kind(
      kind->kind,
      [&](const InputNode&) -> program::Node {
        part.require_type(origin, {"Input"});
        return {{}, stated_shape(part.parameters(origin), "shape"), input_of(part.metadata(origin))};
      },
      [&](const IfLayer&) {
        part.require_type(origin, {"IF"});
        return if_layer_of(part, origin);
      },
      [&](const SumPool&) { return sum_pool_of(part, source, origin); },
      [&](const OrPool&) {
        part.require_type(origin, {"Threshold"});
        return or_pool_of(part, source, origin);
      },
      [&](const Accumulator&) {
        part.require_type(origin, {"Output"});
        return accumulator_of(part, origin);
      });
}

}  // namespace neurocuda::nir::native
