#pragma once

#include "neurocuda/base/host_device.hpp"

namespace neurocuda::runtime::gpu {

/// Rows first, first + 1, ...
struct RowRange {
  int first = 0, count = 0;
};

/// neurocuda::Window in the integers of the kernels.
struct DeviceWindow {
  int kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, padding_h = 0, padding_w = 0, dilation_h = 1,
      dilation_w = 1;

  NEUROCUDA_HD int taps() const { return kernel_h * kernel_w; }
  /// The source row under tap row `ky` for output row `y`; may lie outside the source.
  NEUROCUDA_HD int source_row(int y, int ky) const { return y * stride_h - padding_h + ky * dilation_h; }
  NEUROCUDA_HD int source_column(int x, int kx) const { return x * stride_w - padding_w + kx * dilation_w; }
  /// The source position (row-major) under tap `tap` for output (y, x), or -1 where that is zero padding.
  NEUROCUDA_HD int source_position(int y, int x, int tap, int height, int width) const {
    const int row = source_row(y, tap / kernel_w), column = source_column(x, tap % kernel_w);
    return row >= 0 && row < height && column >= 0 && column < width ? row * width + column : -1;
  }
  /// The rows of a source of `height` rows between the first and the last that output rows read.
  NEUROCUDA_HD RowRange source_rows(const RowRange& outputs, int height) const {
    if (outputs.count == 0) return {};
    int first = source_row(outputs.first, 0);
    int last = source_row(outputs.first + outputs.count - 1, kernel_h - 1);
    first = first < 0 ? 0 : first;
    last = last >= height ? height - 1 : last;
    return last < first ? RowRange{} : RowRange{first, last - first + 1};
  }
};

}  // namespace neurocuda::runtime::gpu
