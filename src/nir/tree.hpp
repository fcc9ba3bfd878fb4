#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "neurocuda/base/shape.hpp"

namespace neurocuda::nir {

/// One value of a NIR file, as stored: a number or string (empty shape) or a row-major array of them.
struct Array {
  using Values =
      std::variant<std::vector<float>, std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>>;
  Shape shape;
  Values values;

  static Array scalar(std::int64_t value) { return {{}, std::vector<std::int64_t>{value}}; }
  static Array scalar(double value) { return {{}, std::vector<double>{value}}; }
  static Array scalar(std::string value) { return {{}, std::vector<std::string>{std::move(value)}}; }
  bool operator==(const Array&) const = default;
};

/// The content of a NIR file without its container: groups are branches, datasets are leaves. This is all that the
/// rest of the part knows of HDF5. Ordered by name, so that one Tree has one file.
struct Tree {
  std::map<std::string, Array> leaves;
  std::map<std::string, Tree> branches;

  bool empty() const { return leaves.empty() && branches.empty(); }
  bool operator==(const Tree&) const = default;
};

}  // namespace neurocuda::nir
