// What a robot embeds: the runtime and nothing else. Its dynamic libraries are looked at by
// tests/conformance/check_runtime_links.sh.
#include <cstdio>

#include "neurocuda/runtime/backends.hpp"

int main() {
  for (const neurocuda::runtime::Backend* backend : neurocuda::runtime::backends()) {
    std::printf("%s %s\n", std::string(backend->target()).c_str(),
                backend->available() ? "available" : "not available");
  }
}
