#pragma once

#include <string_view>
#include <vector>

#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// Computes what a node makes of constants and binds it. Throws UserError naming the node.
using Folder = void (*)(NodeImporter&);

/// For an operator of ONNX's own domain; null when it is not computed.
Folder find_folder(std::string_view domain, std::string_view op_type);

/// The operators that are computed.
std::vector<std::string_view> folded_operators();

// One file per family.
void fold_constant(NodeImporter&);           // fold_create.cpp
void fold_constant_of_shape(NodeImporter&);  //
void fold_range(NodeImporter&);              //
void fold_shape(NodeImporter&);              // also of values of the network
void fold_size(NodeImporter&);               //
void fold_binary(NodeImporter&);             // fold_arithmetic.cpp
void fold_variadic(NodeImporter&);           //
void fold_unary(NodeImporter&);              //
void fold_where(NodeImporter&);              //
void fold_clip(NodeImporter&);               //
void fold_cast(NodeImporter&);               // fold_cast.cpp
void fold_identity(NodeImporter&);           //
void fold_reshape(NodeImporter&);            // fold_shape.cpp
void fold_flatten(NodeImporter&);            //
void fold_squeeze(NodeImporter&);            //
void fold_unsqueeze(NodeImporter&);          //
void fold_transpose(NodeImporter&);          // fold_move.cpp
void fold_slice(NodeImporter&);              //
void fold_expand(NodeImporter&);             //
void fold_tile(NodeImporter&);               //
void fold_gather(NodeImporter&);             //
void fold_concat(NodeImporter&);             //
void fold_reduce(NodeImporter&);             // fold_reduce.cpp
void fold_dequantize(NodeImporter&);         // fold_quantize.cpp
void fold_quantize(NodeImporter&);           //

}  // namespace neurocuda::onnx
