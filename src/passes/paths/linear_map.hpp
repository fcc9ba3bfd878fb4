#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/shape.hpp"
#include "neurocuda/base/tensor.hpp"
#include "neurocuda/ir/operators.hpp"

/// Linear maps without bias, in double precision so that each weight is rounded once however many operators it is made
/// of. The algebra that makes one synapse group of a path of linear operators.
namespace neurocuda::passes::paths {

/// The value as it is.
struct Unchanged {};
/// weight (O, I / groups, KH, KW); window.kernel equals (KH, KW).
struct ConvMap {
  Tensor<double> weight;
  Window window;
  std::int64_t groups = 1;

  std::int64_t outputs() const { return weight.extent(0); }
  std::int64_t inputs() const { return weight.extent(1) * groups; }
};
/// weight (O, I), over the flattened value.
struct Matrix {
  Tensor<double> weight;
};
using Map = std::variant<Unchanged, ConvMap, Matrix>;

/// What is larger was not made to be composed; files must not make memory or time without bound. The walk turns it into
/// a refusal of the node at hand.
class TooLarge : public Error {
 public:
  using Error::Error;
};
/// Zeros. Throws TooLarge beyond 2^26.
Tensor<double> new_weights(Shape shape);
/// Throws TooLarge when the product is beyond 2^36 multiplications.
void check_work(std::initializer_list<std::int64_t> factors);
std::int64_t weight_count(const Map& map);

ConvMap conv_map(const ir::Conv2d& conv);
/// Every channel (of an image, a 1x1 convolution with as many groups as channels) or feature times its factor.
Map scaling(const Shape& from, std::span<const double> factors);
/// The average under a window, channel by channel.
ConvMap averaging(std::int64_t channels, const Window& window);

/// The same map with rows (output channels, or outputs of a matrix) times factors. Here and below `from` is the shape
/// of what the map reads.
Map with_scaled_rows(const Map& map, const Shape& from, std::span<const double> factors);
/// Rows begin .. begin + count - 1 of a map.
Map rows(const Map& map, const Shape& from, std::int64_t begin, std::int64_t count);
/// These rows of a map, in their order.
Map rows(const Map& map, const Shape& from, const std::vector<std::int64_t>& chosen);
/// Channel i of what it reads as channel channels[i] of `total`, zeros elsewhere.
Map spread(const Shape& from, const std::vector<std::int64_t>& channels, std::int64_t total);
/// Whether row o has a weight that is not zero.
bool has_weights(const Map& map, std::int64_t o);
/// The map as rows begin .. of one with `total` rows, the others zero.
Map embedded(const Map& map, const Shape& from, std::int64_t begin, std::int64_t total);
/// Input channels begin .. begin + count - 1 of a convolution without groups.
ConvMap columns(const ConvMap& map, std::int64_t begin, std::int64_t count);

/// `outer` behind `inner` as one convolution; nothing when that would be another function at the border (the outer
/// one's padding must be zero where the inner one would go on). `input`: what `inner` reads, H x W.
std::optional<ConvMap> behind(const ConvMap& outer, const ConvMap& inner, Size2 input);

/// The matrix `outer` (O, C H W) behind `inner`, which reads a value of shape `input`.
Matrix behind(const Tensor<double>& outer, const Map& inner, const Shape& input);

}  // namespace neurocuda::passes::paths
