#include "support/gpu_emulation/emulated_block.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include "support/gpu_emulation/emulated_mma.hpp"

namespace neurocuda::testing {
namespace {

constexpr std::size_t kStackBytes = 64 * 1024;
constexpr std::uint32_t kGarbage = 0xdeadbeefU;

/// Stacks are kept for the next block: there are many blocks.
char* stack_of(int thread) {
  static thread_local std::vector<std::unique_ptr<char[]>> stacks;
  while (stacks.size() <= static_cast<std::size_t>(thread)) stacks.push_back(std::make_unique<char[]>(kStackBytes));
  return stacks[static_cast<std::size_t>(thread)].get();
}

// ThreadSanitizer keeps a call stack for each fiber, and has to be told of every switch just before it.
#ifdef __SANITIZE_THREAD__
void* current_fiber() { return __tsan_get_current_fiber(); }
void announce_switch(void* fiber) { __tsan_switch_to_fiber(fiber, 0); }

/// The sanitizer's side of a fiber, kept for the next block as stacks are.
void* fiber_of(int thread) {
  struct Fibers {
    std::vector<void*> all;
    ~Fibers() {
      for (void* fiber : all) __tsan_destroy_fiber(fiber);
    }
  };
  static thread_local Fibers fibers;
  while (fibers.all.size() <= static_cast<std::size_t>(thread)) fibers.all.push_back(__tsan_create_fiber(0));
  return fibers.all[static_cast<std::size_t>(thread)];
}
#define NEUROCUDA_NO_THREAD_SANITIZER __attribute__((no_sanitize("thread")))
#else
void* current_fiber() { return nullptr; }
void announce_switch(void*) {}
void* fiber_of(int) { return nullptr; }
#define NEUROCUDA_NO_THREAD_SANITIZER
#endif

}  // namespace

int EmulatedThread::threads() const { return block_.threads_; }
int EmulatedThread::block() const { return block_.block_; }
std::uint32_t* EmulatedThread::shared() const { return block_.shared_.data(); }

void EmulatedThread::sync() {
  block_.meet(index_, block_.all_, block_.threads_, [] {});
}

void EmulatedThread::copy(std::uint32_t* to, const std::uint32_t* from, int words) {
  const auto alignment = static_cast<std::uintptr_t>(words) * sizeof(std::uint32_t);
  const std::ptrdiff_t first = to - shared();
  if (reinterpret_cast<std::uintptr_t>(to) % alignment != 0 ||
      reinterpret_cast<std::uintptr_t>(from) % alignment != 0) {
    throw std::logic_error("a copy to shared memory is not aligned to its size");
  }
  if (first < 0 || first + words > static_cast<std::ptrdiff_t>(block_.shared_.size())) {
    throw std::logic_error("a copy leaves shared memory");
  }
  copies_.push_back({to, from, words, groups_});
}

void EmulatedThread::arrive(int group) {
  const auto late = std::find_if(copies_.begin(), copies_.end(), [&](const Copy& copy) { return copy.group >= group; });
  for (auto copy = copies_.begin(); copy != late; ++copy) std::copy_n(copy->from, copy->words, copy->to);
  copies_.erase(copies_.begin(), late);
}

template <class Combine>
std::uint32_t EmulatedThread::exchange(int members, std::uint32_t bits, const Combine& combine) {
  auto& operands = block_.operands_;
  const auto self = static_cast<std::size_t>(index_), size = static_cast<std::size_t>(members);
  const std::size_t first = self / size * size;
  operands[self].bits = bits;
  block_.meet(index_, (members == 4 ? block_.quads_ : block_.warps_)[self / size], members, [&] {
    const std::uint32_t combined = combine(&operands[first]);
    for (std::size_t i = first; i < first + size; ++i) operands[i].bits = combined;
  });
  return operands[self].bits;
}

std::uint32_t EmulatedThread::quad_or(std::uint32_t bits) {
  return exchange(4, bits,
                  [](const auto* lanes) { return lanes[0].bits | lanes[1].bits | lanes[2].bits | lanes[3].bits; });
}

std::uint32_t EmulatedThread::ballot(bool predicate) {
  return exchange(32, predicate, [](const auto* lanes) {
    std::uint32_t bits = 0;
    for (int lane = 0; lane < 32; ++lane) bits |= lanes[lane].bits << lane;
    return bits;
  });
}

std::uint32_t EmulatedThread::broadcast(std::uint32_t word, int lane) {
  return exchange(32, word, [&](const auto* lanes) { return lanes[lane].bits; });
}

void EmulatedThread::multiply_tiles(std::int32_t* v, const std::uint32_t* a, const std::uint32_t* b, int rows,
                                    int columns) {
  auto& operands = block_.operands_;
  const auto self = static_cast<std::size_t>(index_), first = self / 32 * 32;
  operands[self] = {v, a, b, 0};
  block_.meet(index_, block_.warps_[self / 32], 32, [&] {
    for (int m = 0; m < rows; ++m) {
      for (int n = 0; n < columns; ++n) {
        Fragments fragments;
        for (std::size_t lane = 0; lane < 32; ++lane) {
          fragments.a[lane] = operands[first + lane].a + 4 * m;
          fragments.b[lane] = operands[first + lane].b + 2 * n;
          fragments.c[lane] = operands[first + lane].v + 4 * (m * columns + n);
        }
        multiply_fragments(fragments);
      }
    }
  });
}

void EmulatedBlock::run(int block, int threads, std::size_t shared_words, bool backwards, const Body& body) {
  EmulatedBlock(block, threads, shared_words, body).run_all(backwards);
}

EmulatedBlock::EmulatedBlock(int block, int threads, std::size_t shared_words, const Body& body)
    : block_(block),
      threads_(threads),
      body_(body),
      shared_(shared_words, kGarbage),
      fibers_(static_cast<std::size_t>(threads)),
      warps_(static_cast<std::size_t>(threads) / 32),
      quads_(static_cast<std::size_t>(threads) / 4),
      operands_(static_cast<std::size_t>(threads)) {}

// Not followed by ThreadSanitizer: it would see the function end on the scheduler's stack.
NEUROCUDA_NO_THREAD_SANITIZER void EmulatedBlock::entry(unsigned high, unsigned low, int index) {
  auto* const block = reinterpret_cast<EmulatedBlock*>(static_cast<std::uintptr_t>(high) << 32 | low);
  block->start(index);
  announce_switch(block->scheduler_fiber_);
}

void EmulatedBlock::start(int index) {
  EmulatedThread thread(*this, index);
  body_(thread);
  fibers_[static_cast<std::size_t>(index)].done = true;
}

// In a function of its own: getcontext returns twice as far as the compiler knows.
void EmulatedBlock::prepare(int index) {
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  Fiber& fiber = fibers_[static_cast<std::size_t>(index)];
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = stack_of(index);
  fiber.context.uc_stack.ss_size = kStackBytes;
  fiber.context.uc_link = &scheduler_;
  makecontext(&fiber.context, reinterpret_cast<void (*)()>(entry), 3, static_cast<unsigned>(self >> 32),
              static_cast<unsigned>(self), index);
}

void EmulatedBlock::run_all(bool backwards) {
  scheduler_fiber_ = current_fiber();
  for (int i = 0; i < threads_; ++i) prepare(i);
  for (bool moved = true; moved;) {
    moved = false;
    for (int i = 0; i < threads_; ++i) {
      const int index = backwards ? threads_ - 1 - i : i;
      Fiber& fiber = fibers_[static_cast<std::size_t>(index)];
      if (fiber.done || fiber.waits()) continue;
      announce_switch(fiber_of(index));
      swapcontext(&scheduler_, &fiber.context);
      moved = true;
    }
  }
  const bool all_done = std::all_of(fibers_.begin(), fibers_.end(), [](const Fiber& fiber) { return fiber.done; });
  if (!all_done) throw std::logic_error("the threads of a block wait for each other in vain");
}

void EmulatedBlock::meet(int index, Meeting& meeting, int members, const std::function<void()>& work) {
  Fiber& fiber = fibers_[static_cast<std::size_t>(index)];
  if (++meeting.arrived == members) {
    work();
    meeting.arrived = 0;
    ++meeting.generation;
    return;
  }
  fiber.meeting = &meeting;
  fiber.generation = meeting.generation;
  announce_switch(scheduler_fiber_);
  swapcontext(&fiber.context, &scheduler_);
  fiber.meeting = nullptr;
}

}  // namespace neurocuda::testing
