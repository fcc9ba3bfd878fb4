#include "neurocuda/base/threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/base/log.hpp"

namespace neurocuda {

int hardware_threads() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

int resolve_threads(int requested) {
  const int all = hardware_threads();
  if (requested <= all) return requested > 0 ? requested : all;
  static std::once_flag told;
  std::call_once(told, [&] {
    spdlog::warn("{} threads are more than the {} cores, which would only take turns: {} are used", requested, all,
                 all);
  });
  return all;
}

void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t, int)>& body) {
  std::atomic<std::int64_t> next{0};
  std::atomic<bool> stop{false};
  std::exception_ptr first_failure;
  std::mutex failure_mutex;

  const auto work = [&](int worker) {
    try {
      for (std::int64_t i = next++; i < count && !stop; i = next++) {
        throw_if_interrupted();
        body(i, worker);
      }
    } catch (...) {
      const std::lock_guard lock(failure_mutex);
      if (!first_failure) first_failure = std::current_exception();
      stop = true;
    }
  };

  const int wanted = threads > 0 ? threads : hardware_threads();
  const int workers = static_cast<int>(std::min<std::int64_t>(wanted, count));
  {
    std::vector<std::jthread> pool;
    for (int worker = 1; worker < workers; ++worker) pool.emplace_back(work, worker);
    if (count > 0) work(0);
  }
  if (first_failure) std::rethrow_exception(first_failure);
}

}  // namespace neurocuda
