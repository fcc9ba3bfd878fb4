#include "runtime/absent_backend.hpp"
#include "runtime/backend_list.hpp"

namespace neurocuda::runtime {

const Backend& loihi2_sim_backend() {
  static const AbsentBackend absent(
      "loihi2_sim", "Loihi 2 simulator",
      "this release has no Loihi 2 simulator; it comes with a later one, use the target cpu");
  return absent;
}

}  // namespace neurocuda::runtime
