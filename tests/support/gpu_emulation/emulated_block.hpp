#pragma once

#include <ucontext.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/gpu/fragments.hpp"

/// The threads of one block, one after the other on this thread: each is a fiber that gives way where it waits for
/// others. Shared memory starts as garbage, copies arrive only when they are waited for, and the order of the threads
/// is a parameter, so that a missing wait or barrier shows.
namespace neurocuda::testing {

class EmulatedBlock;

/// What the fused kernels want of a thread.
class EmulatedThread {
 public:
  EmulatedThread(EmulatedBlock& block, int index) : block_(block), index_(index) {}

  int index() const { return index_; }
  int threads() const;
  int block() const;
  std::uint32_t* shared() const;
  void sync();
  void copy4(std::uint32_t* to, const std::uint32_t* from) { copy(to, from, 1); }
  void copy16(std::uint32_t* to, const std::uint32_t* from) { copy(to, from, 4); }
  void wait_copies() { arrive(groups_ + 1); }
  void commit_copies() { ++groups_; }
  template <int kGroups>
  void wait_copies_but() {
    arrive(groups_ - kGroups);
  }
  std::uint32_t quad_or(std::uint32_t bits);
  std::uint32_t ballot(bool predicate);
  std::uint32_t broadcast(std::uint32_t word, int lane);

  template <int kRows, int kColumns>
  void multiply(std::int32_t (&v)[kRows][kColumns][4], const std::uint32_t (&a)[kRows][4],
                const std::uint32_t (&b)[kColumns][2]) {
    multiply_tiles(&v[0][0][0], &a[0][0], &b[0][0], kRows, kColumns);
  }

 private:
  struct Copy {
    std::uint32_t* to;
    const std::uint32_t* from;
    int words, group;
  };
  /// The copies of the groups before `group`.
  void arrive(int group);
  void copy(std::uint32_t* to, const std::uint32_t* from, int words);
  /// Each of `members` neighbouring lanes (4, or the warp's 32) gives bits and gets what `combine` makes of theirs.
  template <class Combine>
  std::uint32_t exchange(int members, std::uint32_t bits, const Combine& combine);
  void multiply_tiles(std::int32_t* v, const std::uint32_t* a, const std::uint32_t* b, int rows, int columns);

  EmulatedBlock& block_;
  int index_;
  int groups_ = 0;  // committed
  std::vector<Copy> copies_;
};

class EmulatedBlock {
 public:
  using Body = std::function<void(EmulatedThread&)>;
  /// Runs `body` on every thread of the block to its end. Throws std::logic_error when threads wait for each other in
  /// vain. `backwards`: the highest thread goes first.
  static void run(int block, int threads, std::size_t shared_words, bool backwards, const Body& body);

 private:
  friend class EmulatedThread;
  /// A place where a number of threads meet; the last to arrive does the work for all.
  struct Meeting {
    int arrived = 0, generation = 0;
  };
  struct Operands {
    std::int32_t* v;
    const std::uint32_t *a, *b;
    std::uint32_t bits;
  };
  struct Fiber {
    ucontext_t context;
    const Meeting* meeting = nullptr;
    int generation = 0;
    bool done = false;
    bool waits() const { return meeting != nullptr && meeting->generation == generation; }
  };

  EmulatedBlock(int block, int threads, std::size_t shared_words, const Body& body);
  void prepare(int index);
  void run_all(bool backwards);
  void start(int index);
  void meet(int index, Meeting& meeting, int members, const std::function<void()>& work);
  static void entry(unsigned high, unsigned low, int index);

  int block_, threads_;
  const Body& body_;
  std::vector<std::uint32_t> shared_;
  ucontext_t scheduler_;
  void* scheduler_fiber_ = nullptr;  // what ThreadSanitizer knows the scheduler by
  std::vector<Fiber> fibers_;
  Meeting all_;
  std::vector<Meeting> warps_, quads_;
  std::vector<Operands> operands_;  // by thread
};

}  // namespace neurocuda::testing
