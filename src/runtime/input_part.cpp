#include "runtime/input_part.hpp"

#include <algorithm>

#include "neurocuda/base/error.hpp"

namespace neurocuda::runtime {

program::EncodedInput input_part(const program::Program& program, const program::EncodedInput& input, int first,
                                 int count) {
  if (program.input().encoding == program::InputEncoding::constant_current) return input;
  Shape shape = input.shape();
  const std::int64_t pixels = element_count(program.nodes.front().shape);
  if (shape.size() < 3 || shape[1] < first + count || element_count(shape) != shape[0] * shape[1] * pixels) {
    fail("input of shape {} has no timesteps {}..{} of program '{}'", to_string(shape), first, first + count - 1,
         program.name);
  }
  const std::int64_t images = shape[0], timesteps = shape[1];
  shape[1] = count;
  program::EncodedInput part(shape);
  for (std::int64_t image = 0; image < images; ++image) {
    std::copy_n(input.data() + (image * timesteps + first) * pixels, count * pixels,
                part.data() + image * count * pixels);
  }
  return part;
}

}  // namespace neurocuda::runtime
