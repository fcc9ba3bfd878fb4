#include "runtime/cpu/run/synapse_path.hpp"

#include <cstdlib>
#include <string_view>

#include "neurocuda/base/error.hpp"

namespace neurocuda::runtime::cpu {

SynapsePath requested_path() {
  const char* set = std::getenv("NEUROCUDA_SYNAPSES");
  const std::string_view path = set == nullptr ? "" : set;
  if (path.empty()) return SynapsePath::by_density;
  if (path == "sparse") return SynapsePath::sparse;
  if (path == "dense") return SynapsePath::dense;
  fail("unknown way of synapses '{}' (NEUROCUDA_SYNAPSES): choose sparse or dense, or leave it unset", path);
}

}  // namespace neurocuda::runtime::cpu
