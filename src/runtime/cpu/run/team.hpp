#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace neurocuda::runtime::cpu {

/// Threads that work on one image together, and sleep between images: a new thread may wait for milliseconds until it
/// gets a core. They meet a hundred times an image, so that who waits looks for a while before it sleeps: to be woken
/// takes as long as a small layer.
class Team {
 public:
  explicit Team(int size) : size_(size) {
    for (int member = 1; member < size; ++member) others_.emplace_back([this, member] { serve(member); });
  }
  ~Team() {
    work_ = nullptr;
    start();
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return size_; }

  /// work(member) on all of them, which must meet and share equally often and not throw; 0 is the caller's thread.
  template <class Work>
  void run(const Work& work) {
    work_ = &work;
    call_ = [](const void* of, int member) { (*static_cast<const Work*>(of))(member); };
    start();
    work(0);
    meet();
  }

  /// Goes on when all have come.
  void meet() {
    if (size_ == 1) {
      next_.store(0, std::memory_order_relaxed);
      return;
    }
    const std::uint32_t meeting = meeting_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 < size_) {
      await_change(meeting_, meeting);
      return;
    }
    arrived_.store(0, std::memory_order_relaxed);
    next_.store(0, std::memory_order_relaxed);
    meeting_.store(meeting + 1, std::memory_order_release);
    meeting_.notify_all();
  }

  /// Calls work(i) for every i below `count`, each on the member that is free first; goes on when all are done.
  template <class Work>
  void share(std::int64_t count, const Work& work) {
    for (std::int64_t i = next_++; i < count; i = next_++) work(i);
    meet();
  }

 private:
  void start() {
    if (size_ == 1) return;
    starts_.fetch_add(1, std::memory_order_release);
    starts_.notify_all();
  }
  void serve(int member) {
    for (std::uint32_t served = 0;; ++served) {
      await_change(starts_, served);
      if (work_ == nullptr) return;
      call_(work_, member);
      meet();
    }
  }
  static void await_change(const std::atomic<std::uint32_t>& value, std::uint32_t from) {
    constexpr int kLooks = 2000;
    for (int look = 0; look < kLooks; ++look) {
      if (value.load(std::memory_order_acquire) != from) return;
      pause();
    }
    value.wait(from, std::memory_order_acquire);
  }
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  int size_;
  const void* work_ = nullptr;
  void (*call_)(const void*, int) = nullptr;
  std::atomic<std::uint32_t> starts_{0}, meeting_{0};
  std::atomic<int> arrived_{0};
  std::atomic<std::int64_t> next_{0};
  std::vector<std::jthread> others_;  ///< joined first
};

}  // namespace neurocuda::runtime::cpu
