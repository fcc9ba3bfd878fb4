#pragma once

#include <barrier>
#include <thread>
#include <vector>

namespace neurocuda::runtime::cpu {

/// Threads that work on one image together.
class Team {
 public:
  explicit Team(int size) : size_(size), barrier_(size) {}

  int size() const { return size_; }
  /// Goes on when all have come.
  void meet() {
    if (size_ > 1) barrier_.arrive_and_wait();
  }
  /// work(member) on all of them, which must meet equally often and not throw; 0 is the caller's thread.
  template <class Work>
  void run(const Work& work) {
    std::vector<std::jthread> others;
    for (int member = 1; member < size_; ++member) others.emplace_back([&work, member] { work(member); });
    work(0);
  }

 private:
  int size_;
  std::barrier<> barrier_;
};

}  // namespace neurocuda::runtime::cpu
