#pragma once

#include "neurocuda/ir/operators.hpp"
#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// The normalisation in a model's metadata: "neurocuda.mean" and "neurocuda.stddev", comma-separated, one value per
/// channel. Empty when neither is there. Throws UserError when one is missing, or a value is not a number of the right
/// sign.
ir::Normalization read_normalization(const proto::ModelProto& model, std::int64_t channels);

/// The inverse; floats are printed so that reading gives the same bits. Adds nothing for an empty normalisation.
void write_normalization(const ir::Normalization& normalization, proto::ModelProto& model);

}  // namespace neurocuda::onnx
