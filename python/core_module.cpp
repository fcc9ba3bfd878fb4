#include "common.hpp"

NB_MODULE(_core, module) {
  namespace python = neurocuda::python;
  module.doc() = "Graphs and their conversion to spiking networks. `import torch` first: it loads libtorch.";
  nanobind::module_::import_("neurocuda._runtime");  // the types that both modules use
  python::bind_errors(module);
  python::bind_graph(module);
  python::bind_onnx(module);
  python::bind_conversion(module);
}
