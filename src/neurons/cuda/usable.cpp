#include <map>
#include <mutex>

#include "neurocuda/base/log.hpp"
#include "neurons/cuda/launch.hpp"

namespace neurocuda::neurons::gpu {

bool usable(int device) {
  static std::mutex mutex;
  static std::map<int, bool> known;
  const std::lock_guard lock(mutex);
  const auto [entry, is_new] = known.try_emplace(device, false);
  if (is_new) {
    const std::string reason = obstacle(device);
    entry->second = reason.empty();
    if (!reason.empty()) spdlog::warn("cuda:{}: neurons run as tensor operations, which is slower: {}", device, reason);
  }
  return entry->second;
}

}  // namespace neurocuda::neurons::gpu
