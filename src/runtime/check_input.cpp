#include "runtime/run_images.hpp"

namespace neurocuda::runtime {
namespace {

using program::InputEncoding;

/// The shape of a batch as messages show it: "(N, 3, 32, 32)".
std::string batch_shape(const Shape& per_image) {
  std::string text = "(N";
  for (const std::int64_t extent : per_image) text += fmt::format(", {}", extent);
  return text + ")";
}

/// The int32 proof holds for values in this range only.
void check_values(const program::EncodedInput& input, int lowest, int highest) {
  for (std::int64_t i = 0; i < input.size(); ++i) {
    if (input[i] < lowest || input[i] > highest) {
      fail("input value {} at element {} is out of range: this program takes {}..{}", input[i], i, lowest, highest);
    }
  }
}

}  // namespace

void check_input(const program::Program& program, const program::EncodedInput& input, int timesteps) {
  const program::InputNode& node = program.input();
  const bool constant = node.encoding == InputEncoding::constant_current;
  Shape per_image = program.nodes.front().shape;
  if (!constant) per_image.insert(per_image.begin(), timesteps);
  const Shape& shape = input.shape();
  if (shape.size() != per_image.size() + 1 || !std::equal(per_image.begin(), per_image.end(), shape.begin() + 1)) {
    fail("input of shape {} does not fit program '{}': it takes {} ({})", to_string(shape), program.name,
         batch_shape(per_image), constant ? "a constant current" : "a spike train of as many timesteps as the run");
  }
  const int qmax = (1 << (node.bits - 1)) - 1;
  check_values(input, constant ? -qmax : 0, constant ? qmax : 1);
}

}  // namespace neurocuda::runtime
