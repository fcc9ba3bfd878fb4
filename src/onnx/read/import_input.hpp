#pragma once

#include "onnx/read/model_importer.hpp"

namespace neurocuda::onnx {

/// Adds the Input node and binds the file's only input to it. Throws UserError when there is not one image or vector.
void import_input(const proto::ModelProto& source, ModelImporter& importer);

}  // namespace neurocuda::onnx
