#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
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

  /// work(member) on all of them, which must meet and share equally often; 0 is the caller's thread. When one throws,
  /// the others leave at their next meeting, and this throws the same.
  template <class Work>
  void run(const Work& work) {
    work_ = &work;
    call_ = [](const void* of, int member) { (*static_cast<const Work*>(of))(member); };
    arrived_ = 0;
    next_ = 0;
    finished_ = 0;
    start();
    attempt(0);
    for (int finished = finished_; finished < size_ - 1; finished = finished_) await_change(finished_, finished);
    if (!failed_) return;
    failed_ = false;
    std::rethrow_exception(std::exchange(error_, nullptr));
  }

  /// Goes on when all have come.
  void meet() {
    const int meeting = meeting_;
    if (failed_) throw Left{};
    if (size_ > 1 && arrived_.fetch_add(1) + 1 < size_) {
      await_change(meeting_, meeting);
      if (failed_) throw Left{};
      return;
    }
    arrived_ = 0;
    next_.store(0, std::memory_order_relaxed);
    if (size_ > 1) move_on(meeting_);
  }

  /// Calls work(i) for every i below `count`, each on the member that is free first; goes on when all are done.
  template <class Work>
  void share(std::int64_t count, const Work& work) {
    for (std::int64_t i = next_++; i < count; i = next_++) work(i);
    meet();
  }

 private:
  /// What ends the work of those who would wait for one that threw.
  struct Left : std::exception {};

  static void move_on(std::atomic<int>& value) {
    ++value;
    value.notify_all();
  }
  void start() {
    if (size_ > 1) move_on(starts_);
  }
  void serve(int member) {
    for (int served = 0;; ++served) {
      await_change(starts_, served);
      if (work_ == nullptr) return;
      attempt(member);
      move_on(finished_);
    }
  }
  void attempt(int member) {
    try {
      call_(work_, member);
    } catch (...) {  // one that left for another's sake comes second
      const std::scoped_lock lock(error_mutex_);
      if (!error_) error_ = std::current_exception();
      failed_ = true;
      move_on(meeting_);
    }
  }
  static void await_change(const std::atomic<int>& value, int from) {
    constexpr int kLooks = 2000;
    for (int look = 0; look < kLooks; ++look) {
      if (value != from) return;
      pause();
    }
    value.wait(from);
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
  std::atomic<int> starts_{0}, meeting_{0}, arrived_{0}, finished_{0};
  std::atomic<std::int64_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex error_mutex_;
  std::exception_ptr error_;
  std::vector<std::jthread> others_;  ///< joined first
};

}  // namespace neurocuda::runtime::cpu
