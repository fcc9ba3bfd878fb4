#include "common.hpp"
#include "neurocuda/base/log.hpp"
#include "neurocuda/base/version.hpp"

NB_MODULE(_runtime, module) {
  namespace python = neurocuda::python;
  module.doc() = "Integer spiking networks: load, run, compare. Needs no torch.";
  module.attr("__version__") = neurocuda::version();
  neurocuda::set_up_logging();
  python::bind_errors(module);
  python::bind_program(module);
  python::bind_runtime(module);
  python::bind_evaluation(module);
  python::bind_data(module);
  python::bind_verify(module);
}
