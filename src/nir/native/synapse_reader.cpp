#include "nir/native/synapse_reader.hpp"

#include "nir/native/schema.hpp"

namespace neurocuda::nir::native {
namespace {

using program::SynapseGroup;

constexpr Range kInt8{-128, 127};

// The weights w = m << e of one array back to m, with the shifts of the metadata.
class Weights {
 public:
  Weights(const Part& part, std::string_view origin)
      : fields_(part.parameters(origin)), metadata_(part.metadata(origin)) {
    const auto shifts = metadata_.integers(key::shift, {0, program::kMaxShift});
    shift_.assign(shifts.begin(), shifts.end());
  }

  const std::vector<std::uint8_t>& shift() const { return shift_; }
  std::int64_t outputs() const { return static_cast<std::int64_t>(shift_.size()); }

  void require_shape(const char* name, std::size_t rank) const {
    const Shape& shape = fields_.shape(name);
    if (shape.size() == rank && !shape.empty() && shape[0] == outputs()) return;
    fields_.reject(name, "has shape {}; {} dimensions are wanted, the first one {} as in shift", to_string(shape), rank,
                   outputs());
  }

  // `per_output` values for each output channel.
  Tensor<std::int8_t> unshifted(const char* name, const std::vector<std::int64_t>& values, Shape shape) const {
    if (static_cast<std::int64_t>(values.size()) != element_count(shape)) {
      fields_.reject(name, "has {} values; {} are wanted", values.size(), element_count(shape));
    }
    Tensor<std::int8_t> result(std::move(shape));
    const std::int64_t per_output = outputs() > 0 ? result.size() / outputs() : 0;
    for (std::int64_t i = 0; i < result.size(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const std::int64_t unit = std::int64_t{1} << shift_[static_cast<std::size_t>(i / per_output)];
      const std::int64_t m = values[at] / unit;
      if (m * unit != values[at] || m < kInt8.low || m > kInt8.high) {
        fields_.reject(name, "[{}] is {}; {} times a number in {}..{} is wanted", at, values[at], unit, kInt8.low,
                       kInt8.high);
      }
      result[i] = static_cast<std::int8_t>(m);
    }
    return result;
  }

  void add_bias(std::vector<std::int64_t>& bias) const {
    if (!fields_.has("bias")) return;
    const auto values = fields_.integers("bias", kInt32);
    if (values.size() != shift_.size()) {
      fields_.reject("bias", "has {} values for {} outputs", values.size(), shift_.size());
    }
    bias.resize(std::max(bias.size(), values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) bias[i] += values[i];
  }

 private:
  Fields fields_;
  Fields metadata_;
  std::vector<std::uint8_t> shift_;
};

void check_input_shape(const Fields& fields, const Shape& source) {
  const Size2 stated = fields.size("input_shape", {1, INT32_MAX});
  if (source.size() != 3 || stated != Size2{source[1], source[2]}) {
    fields.reject("input_shape", "is {}; its source has the shape {}", to_string(stated), to_string(source));
  }
}

Window window_of(const Fields& fields, Size2 kernel) {
  return {kernel, fields.size("stride", {1, kMaxExtent}), fields.size("padding", {0, kMaxExtent}),
          fields.size("dilation", {1, kMaxExtent})};
}

program::Conv conv_of(const Part& part, const Weights& weights, const Shape& source, std::string_view origin) {
  const Fields fields = part.parameters(origin);
  weights.require_shape("weight", 4);
  check_input_shape(fields, source);
  program::Conv conv;
  const Shape& shape = fields.shape("weight");
  conv.weight = weights.unshifted("weight", fields.integers("weight", kInt32), shape);
  conv.window = window_of(fields, {shape[2], shape[3]});
  conv.groups = fields.integer("groups", {1, kMaxGroups});
  return conv;
}

program::Linear linear_of(const Part& part, const Weights& weights, std::string_view origin) {
  weights.require_shape("weight", 2);
  const Fields fields = part.parameters(origin);
  return {weights.unshifted("weight", fields.integers("weight", kInt32), fields.shape("weight"))};
}

// A Scale: the same value at every position of a channel.
std::vector<std::int64_t> channel_values(const Fields& fields, const char* name, std::int64_t channels) {
  const auto values = fields.integers(name, kInt32);
  const std::size_t plane = channels > 0 ? values.size() / static_cast<std::size_t>(channels) : 0;
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % plane == 0) result.push_back(values[i]);
    if (values[i] != result.back()) {
      fields.reject(name, "[{}] is {}, others of its channel {}; one value per channel is wanted", i, values[i],
                    result.back());
    }
  }
  return result;
}

// The dense map that a diagonal with a bias is written as: zero off the diagonal.
std::vector<std::int64_t> diagonal_values(const Fields& fields, std::int64_t channels) {
  const auto values = fields.integers("weight", kInt32);
  if (static_cast<std::int64_t>(values.size()) != channels * channels) {
    fields.reject("weight", "has {} values; {} x {} are wanted", values.size(), channels, channels);
  }
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool on = i % static_cast<std::size_t>(channels + 1) == 0;
    if (on) result.push_back(values[i]);
    if (!on && values[i] != 0) fields.reject("weight", "[{}] is {}; zero is wanted off the diagonal", i, values[i]);
  }
  return result;
}

program::Diagonal diagonal_of(const Part& part, const Weights& weights, const Shape& source, std::string_view origin) {
  const Fields fields = part.parameters(origin);
  const char* name = part.node->type == "Scale" ? "scale" : "weight";
  std::vector<std::int64_t> values;
  if (part.node->type == "Scale") {
    if (fields.shape(name) != source || source[0] != weights.outputs()) {
      fields.reject(name, "has shape {}; its source has {}, and there are {} shifts", to_string(fields.shape(name)),
                    to_string(source), weights.outputs());
    }
    values = channel_values(fields, name, weights.outputs());
  } else {
    values = diagonal_values(fields, weights.outputs());
    if (part.node->type == "Conv2d" && (window_of(fields, {1, 1}) != Window{} || fields.integer("groups") != 1)) {
      fields.reject("stride", "or padding, dilation, groups is not that of a 1x1 convolution; write the file again");
    }
  }
  return {weights.unshifted(name, values, {weights.outputs()})};
}

}  // namespace

SynapseGroup synapses_of(const Part& part, const Shape& source, std::vector<std::int64_t>& bias,
                         std::string_view origin) {
  const Weights weights(part, origin);
  SynapseGroup group;
  if (part.kind == kind::conv) {
    part.require_type(origin, {"Conv2d"});
    group.connection = conv_of(part, weights, source, origin);
  } else if (part.kind == kind::linear) {
    part.require_type(origin, {"Affine", "Linear"});
    group.connection = linear_of(part, weights, origin);
  } else {
    part.require_type(origin, {"Scale", "Conv2d", "Affine"});
    group.connection = diagonal_of(part, weights, source, origin);
  }
  group.shift = weights.shift();
  weights.add_bias(bias);
  return group;
}

}  // namespace neurocuda::nir::native
