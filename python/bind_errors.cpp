#include <new>

#include "common.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/text.hpp"

namespace neurocuda::python {
namespace {

void raise(const char* type, const std::string& message) {
  const nb::object exception = nb::module_::import_("neurocuda.errors").attr(type);
  PyErr_SetString(exception.ptr(), printable(message).c_str());
}
void raise(const char* type, const std::exception& error) { raise(type, std::string(error.what())); }

/// Most specific first.
void translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const UnsupportedOperator& error) {
    raise("UnsupportedOperator", error);
  } catch (const ConversionError& error) {
    raise("ConversionError", error);
  } catch (const BackendUnavailable& error) {
    raise("BackendUnavailable", error);
  } catch (const SettingError& error) {
    raise("UserError", error.name() + "=" + error.value() + ": " + error.reason());
  } catch (const UserError& error) {
    raise("UserError", error);
  } catch (const Interrupted& error) {
    // Python's handler has noted the signal; it, or the one that the user has set, says what is raised.
    if (PyErr_CheckSignals() == 0) PyErr_SetString(PyExc_KeyboardInterrupt, error.what());
  } catch (const InternalError& error) {
    raise("InternalError", error);
  } catch (const Error& error) {
    raise("Error", error);
  } catch (const std::bad_alloc&) {
    PyErr_SetString(PyExc_MemoryError, "out of memory; use fewer images, smaller batches, fewer threads or timesteps");
  }
}

}  // namespace

void bind_errors(nb::module_&) { nb::register_exception_translator(translate); }

}  // namespace neurocuda::python
