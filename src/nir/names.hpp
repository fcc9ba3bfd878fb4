#pragma once

#include <set>
#include <string>
#include <string_view>

namespace neurocuda::nir {

/// Gives out node names that every NIR reader takes: unique ASCII identifiers, none of which is a Python keyword or an
/// attribute of a torch module (nirtorch makes attributes of them). "layer1.0.conv1" becomes "layer1_0_conv1".
class SafeNames {
 public:
  SafeNames();
  /// A free name close to `wanted`; the same sequence of calls gives the same names.
  std::string claim(std::string_view wanted);

 private:
  std::set<std::string, std::less<>> taken_;
};

/// True for text that an HDF5 string can hold: UTF-8 without a zero byte.
bool is_storable_text(std::string_view text);

}  // namespace neurocuda::nir
