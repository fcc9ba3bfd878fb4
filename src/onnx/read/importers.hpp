#pragma once

#include <string_view>

#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// Adds to the graph what one ONNX node means. Throws UnsupportedOperator or UserError naming the node.
using Importer = void (*)(NodeImporter&);

/// The importer of an operator of ONNX's own domain, or of neurocuda.QCFS; null when there is none.
Importer find_importer(std::string_view domain, std::string_view op_type);

/// What a user can do about an operator that has no importer.
std::string_view remedy(std::string_view op_type);

// One file per family.
void import_conv(NodeImporter&);                 // import_convolution.cpp
void import_gemm(NodeImporter&);                 // import_linear.cpp
void import_matmul(NodeImporter&);               //
void import_batch_normalization(NodeImporter&);  // import_normalization.cpp
void import_average_pool(NodeImporter&);         // import_pooling.cpp
void import_max_pool(NodeImporter&);             //
void import_global_average_pool(NodeImporter&);  //
void import_reduce_mean(NodeImporter&);          //
void import_relu(NodeImporter&);                 // import_elementwise.cpp
void import_identity(NodeImporter&);             //
void import_dropout(NodeImporter&);              //
void import_add(NodeImporter&);                  // import_add.cpp
void import_qcfs(NodeImporter&);                 // import_qcfs.cpp
void import_flatten(NodeImporter&);              // import_reshape.cpp
void import_reshape(NodeImporter&);              //
void import_constant(NodeImporter&);             // import_constant.cpp

}  // namespace neurocuda::onnx
