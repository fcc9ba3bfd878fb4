#pragma once

#include <string_view>
#include <vector>

#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// Adds to the graph what one ONNX node means. Throws UnsupportedOperator or UserError naming the node.
using Importer = void (*)(NodeImporter&);

/// The importer of an operator of ONNX's own domain, or of neurocuda.QCFS; null when there is none.
Importer find_importer(std::string_view domain, std::string_view op_type);

/// The operators of ONNX's own domain that have an importer.
std::vector<std::string_view> imported_operators();

// One file per family.
void import_conv(NodeImporter&);                 // import_convolution.cpp
void import_gemm(NodeImporter&);                 // import_linear.cpp
void import_matmul(NodeImporter&);               //
void import_batch_normalization(NodeImporter&);  // import_normalization.cpp
void import_average_pool(NodeImporter&);         // import_pooling.cpp
void import_max_pool(NodeImporter&);             //
void import_global_average_pool(NodeImporter&);  //
void import_global_max_pool(NodeImporter&);      //
void import_reduce_mean(NodeImporter&);          // import_reduce.cpp
void import_reduce_max(NodeImporter&);           //
void import_relu(NodeImporter&);                 // import_activation.cpp
void import_clip(NodeImporter&);                 //
void import_max(NodeImporter&);                  //
void import_min(NodeImporter&);                  //
void import_leaky_relu(NodeImporter&);           //
void import_identity(NodeImporter&);             // import_elementwise.cpp
void import_dropout(NodeImporter&);              //
void import_cast(NodeImporter&);                 //
void import_softmax(NodeImporter&);              // import_softmax.cpp
void import_quantize(NodeImporter&);             // import_quantized.cpp
void import_dequantize(NodeImporter&);           //
void import_add(NodeImporter&);                  // import_arithmetic.cpp
void import_sub(NodeImporter&);                  //
void import_mul(NodeImporter&);                  //
void import_div(NodeImporter&);                  //
void import_neg(NodeImporter&);                  //
void import_qcfs(NodeImporter&);                 // import_qcfs.cpp
void import_flatten(NodeImporter&);              // import_layout.cpp
void import_reshape(NodeImporter&);              //
void import_transpose(NodeImporter&);            //
void import_squeeze(NodeImporter&);              //
void import_unsqueeze(NodeImporter&);            //
void import_concat(NodeImporter&);               // import_channels.cpp
void import_slice(NodeImporter&);                //
void import_split(NodeImporter&);                //
void import_gather(NodeImporter&);               //
void import_pad(NodeImporter&);                  // import_pad.cpp

}  // namespace neurocuda::onnx
