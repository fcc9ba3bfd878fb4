#pragma once

// onnx_pb.h picks one of two generated headers by this macro; libonnx_proto is built from the ML one.
#ifndef ONNX_ML
#define ONNX_ML 1
#endif
#include <onnx/onnx_pb.h>

namespace neurocuda::onnx {

/// ONNX's protobuf messages: ::onnx, which this namespace would otherwise hide.
namespace proto = ::onnx;

}  // namespace neurocuda::onnx
