#include "neurocuda/program/encode.hpp"

#include <algorithm>
#include <cmath>

#include "neurocuda/program/rounding.hpp"

namespace neurocuda::program {
namespace {

void require_images(const Program& program, const Shape& shape) {
  const Shape& expected = program.nodes.front().shape;
  if (shape.empty() || Shape(shape.begin() + 1, shape.end()) != expected) {
    fail("images of shape {} do not fit '{}': expected a batch of {}; resize the images or use the matching network",
         to_string(shape), program.name, to_string(expected));
  }
}

void require_trains(const Program& program, const Shape& shape, int timesteps) {
  const Shape& expected = program.nodes.front().shape;
  const bool fits = shape.size() == expected.size() + 2 && Shape(shape.begin() + 2, shape.end()) == expected;
  if (!fits) {
    fail("'{}' takes spike trains, 0/1 values of shape (N, T) + {}; {} was given", program.name, to_string(expected),
         to_string(shape));
  }
  if (shape[1] < timesteps) {
    fail("'{}' was to run {} timesteps, but the spike trains have {}; run fewer", program.name, timesteps, shape[1]);
  }
}

EncodedInput encode_trains(const Program& program, TensorView<const float> trains, int timesteps) {
  require_trains(program, trains.shape(), timesteps);
  Shape shape = trains.shape();
  const std::int64_t given = shape[1], pixels = element_count(program.nodes.front().shape);
  shape[1] = timesteps;
  EncodedInput encoded(shape);
  for (std::int64_t image = 0; image < shape[0]; ++image) {
    for (std::int64_t i = 0; i < timesteps * pixels; ++i) {
      const float value = trains.values()[static_cast<std::size_t>(image * given * pixels + i)];
      if (value != 0.0F && value != 1.0F) {
        fail("spike train {} of the batch holds {} at element {}: spikes are 0 and 1", image, value, i);
      }
      encoded[image * timesteps * pixels + i] = static_cast<std::int8_t>(value);
    }
  }
  return encoded;
}

/// One channel of one image.
void encode_plane(std::span<const float> pixels, double scale, double limit, std::span<std::int8_t> codes) {
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double code = round_half_even(static_cast<double>(pixels[i]) / scale);
    codes[i] = static_cast<std::int8_t>(std::clamp(code, -limit, limit));
  }
}

void require_finite(TensorView<const float> images) {
  const auto values = images.values();
  const auto bad = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
  if (bad == values.end()) return;
  const std::int64_t position = bad - values.begin();
  const std::int64_t image = position / (images.size() / images.extent(0));
  fail("image {} of the batch holds the value {} at element {}: pixels must be finite", image, *bad,
       position - image * (images.size() / images.extent(0)));
}

}  // namespace

EncodedInput encode(const Program& program, TensorView<const float> images, int timesteps) {
  if (program.input().encoding == InputEncoding::spike_train) {
    return encode_trains(program, images, timesteps > 0 ? timesteps : program.timesteps);
  }
  require_images(program, images.shape());
  require_finite(images);
  const InputNode& input = program.input();
  const Shape& shape = program.nodes.front().shape;
  const auto positions = static_cast<std::size_t>(plane(shape));
  const double limit = largest_code(input.bits);
  EncodedInput encoded(images.shape());
  for (std::int64_t row = 0; row < images.extent(0) * channels(shape); ++row) {
    const std::size_t begin = static_cast<std::size_t>(row) * positions;
    const double scale = input.scale[static_cast<std::size_t>(row % channels(shape))];
    encode_plane(images.values().subspan(begin, positions), scale, limit, encoded.values().subspan(begin, positions));
  }
  return encoded;
}

}  // namespace neurocuda::program
