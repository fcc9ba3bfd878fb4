#pragma once

#include <vector>

#include "runtime/gpu/tensor_core_args.hpp"

/// Layers of ResNet-18 as the fused kernels see them.
namespace neurocuda::testing {

inline void add_convolution(runtime::gpu::TensorCoreLayer& layer, int in, int extent, int kernel, int stride) {
  runtime::gpu::TensorCoreGroup& group = layer.groups[layer.group_count++];
  group.height = group.width = extent;
  group.words = runtime::gpu::spike_words(in);
  group.stride = runtime::gpu::spike_stride(group.words);
  group.window = {kernel, kernel, stride, stride, kernel / 2, kernel / 2, 1, 1};
}

/// A 3x3 convolution of ResNet-18's stages: channels in and out, extent in, stride.
inline runtime::gpu::TensorCoreLayer stage(int in, int out, int extent, int stride) {
  runtime::gpu::TensorCoreLayer layer;
  add_convolution(layer, in, extent, 3, stride);
  layer.channels = out;
  layer.width = extent / stride;
  layer.positions = layer.width * layer.width;
  layer.words = runtime::gpu::spike_words(out);
  layer.stride = runtime::gpu::spike_stride(layer.words);
  return layer;
}

}  // namespace neurocuda::testing
