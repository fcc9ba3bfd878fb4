#pragma once

#include "onnx/read/node_importer.hpp"
#include "onnx/read/walk.hpp"

/// What the families of folding share.
namespace neurocuda::onnx {

/// Binds a computed constant.
inline void bind_folded(NodeImporter& node, Constant constant) {
  node.bind_constant(std::make_shared<const Constant>(std::move(constant)));
}

/// Charges a constant of this shape with the type of another.
inline void charge_like(NodeImporter& node, const Constant& like, const Shape& shape) {
  like.is_real() ? node.charge_reals(shape) : node.charge_integers(shape);
}

/// Elements of a constant, from `first` on by these strides, as a new constant of `shape`; charged.
Constant gathered(NodeImporter& node, const Constant& from, const Shape& shape, const Strides& strides,
                  std::int64_t first = 0);

/// The shape that two shapes broadcast to. Throws UserError when they do not.
Shape broadcast(const NodeImporter& node, const Shape& a, const Shape& b);

/// By how many elements a tensor of shape `from` steps along the axes of the shape that it is broadcast to.
Strides broadcast_strides(const Shape& from, const Shape& to);

/// Input i as a single number. Throws UserError when there are more.
double scalar(NodeImporter& node, int i);

/// The number of elements. Throws UserError naming the node when an extent is negative, or there are too many.
std::int64_t checked_count(const NodeImporter& node, const Shape& shape);

}  // namespace neurocuda::onnx
