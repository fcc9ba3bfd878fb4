// Blocks of timesteps against whole runs: any sizes, several streams in turn, on every target and the emulated GPU.
#include <numeric>

#include "conformance/compare.hpp"
#include "conformance/emulated_gpu.hpp"
#include "conformance/targets.hpp"
#include "conformance/tiny_program.hpp"
#include "neurocuda/base/random.hpp"
#include "runtime/input_part.hpp"
#include "support/expect_error.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using program::EncodedInput;
using program::InputEncoding;
using program::Mode;
using runtime::Executable;
using runtime::RunResult;
using runtime::Stream;
using testing::expect_error;

class Streams : public testing::OnEveryTarget {};

std::vector<int> random_blocks(int timesteps, int longest, Random& random) {
  std::vector<int> blocks;
  while (timesteps > 0) {
    blocks.push_back(static_cast<int>(1 + random.below(std::min(timesteps, longest))));
    timesteps -= blocks.back();
  }
  return blocks;
}

/// `block` is what `whole` has from timestep `first` on.
void expect_part(const RunResult& whole, const RunResult& block, int first) {
  ASSERT_EQ(block.first_timestep(), first);
  for (std::int64_t image = 0; image < whole.images(); ++image) {
    for (std::int64_t t = 0; t < block.timesteps(); ++t) {
      const auto want = whole.accumulators(image, first + t), got = block.accumulators(image, t);
      ASSERT_TRUE(std::equal(want.begin(), want.end(), got.begin(), got.end())) << "image " << image << ", t " << t;
    }
  }
  for (std::size_t l = 0; l < whole.record().layers.size(); ++l) {
    const runtime::LayerRecord &want = whole.record().layers[l], &got = block.record().layers[l];
    for (std::int64_t image = 0; image < want.images; ++image) {
      for (std::int64_t t = 0; t < got.timesteps; ++t) {
        ASSERT_TRUE(std::equal(got.row(image, t), got.row(image, t) + got.words, want.row(image, first + t)))
            << "spikes of node " << want.node << ", t " << first + t;
        ASSERT_TRUE(std::equal(got.membrane_row(image, t), got.membrane_row(image, t) + got.neurons,
                               want.membrane_row(image, first + t)))
            << "membranes of node " << want.node << ", t " << first + t;
        if (!want.is_signed()) continue;
        ASSERT_TRUE(std::equal(got.negative_row(image, t), got.negative_row(image, t) + got.words,
                               want.negative_row(image, first + t)))
            << "signs of node " << want.node << ", t " << first + t;
      }
    }
  }
  const auto part = [&](const Tensor<std::int64_t>& counts, std::int64_t node, std::int64_t t) {
    return counts[node * counts.extent(1) + t];
  };
  for (std::int64_t node = 0; node < whole.activity().spikes.extent(0); ++node) {
    for (std::int64_t t = 0; t < block.timesteps(); ++t) {
      ASSERT_EQ(part(whole.activity().spikes, node, first + t), part(block.activity().spikes, node, t));
      ASSERT_EQ(part(whole.activity().synaptic_operations, node, first + t),
                part(block.activity().synaptic_operations, node, t));
    }
  }
}

/// Two streams of one executable in turn, in blocks of random sizes, each equal to its whole run; then once more after
/// a reset.
void expect_blocks_equal_runs(const program::Program& program, const Executable& executable,
                              const Executable& reference, std::uint64_t seed, int timesteps = 11, int longest = 6) {
  Random random(seed);
  const runtime::RunOptions options{timesteps, 2, Mode::synchronous, runtime::kEverything};
  struct One {
    EncodedInput input;
    RunResult whole;
    std::unique_ptr<Stream> stream;
    std::vector<int> blocks;
    std::size_t next = 0;
  };
  std::vector<One> both;
  for (const std::int64_t images : {2, 3}) {
    One one{testing::random_input(program, images, timesteps, seed + static_cast<std::uint64_t>(images)), {}, {}, {}};
    one.whole = reference.run(one.input, options);
    one.stream = executable.open(images, options);
    both.push_back(std::move(one));
  }
  for (int round = 0; round < 2; ++round) {
    for (One& one : both) {
      one.blocks = random_blocks(timesteps, longest, random);
      one.next = 0;
      one.stream->reset();
    }
    while (both[0].next < both[0].blocks.size() || both[1].next < both[1].blocks.size()) {
      One& one = both[static_cast<std::size_t>(random.below(2))];
      if (one.next == one.blocks.size()) continue;
      const int first = one.stream->timesteps(), count = one.blocks[one.next++];
      const RunResult block = one.stream->advance(runtime::input_part(program, one.input, first, count), count);
      expect_part(one.whole, block, first);
      if (::testing::Test::HasFatalFailure()) return;
    }
    for (const One& one : both) EXPECT_EQ(one.stream->timesteps(), timesteps);
  }
}

TEST_P(Streams, BlocksOfAnySizesEqualOneRun) {
  for (std::uint64_t seed = 20000; seed < 20060 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    const program::Program program = testing::random_program(seed);
    const auto executable = runtime::compile(program, GetParam()), reference = runtime::compile(program, "reference");
    expect_blocks_equal_runs(program, *executable, *reference, seed);
  }
}

TEST(StreamsEmulated, BlocksOfAnySizesEqualOneRun) {
  using runtime::gpu::KernelChoice;
  constexpr KernelChoice kChoices[] = {KernelChoice::stepwise, KernelChoice::time_batched, KernelChoice::simple};
  int fused = 0;
  for (std::uint64_t seed = 21000; seed < 21075 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    const program::Program program = testing::random_program(seed);
    const auto reference = runtime::compile(program, "reference");
    testing::Emulated gpu(program, {}, kChoices[seed % 3]);
    expect_blocks_equal_runs(program, gpu.executable, *reference, seed);
    fused += gpu.log.fused;
  }
  EXPECT_GT(fused, 50);
}

/// Blocks of several tiles of timesteps.
TEST(StreamsEmulated, LongBlocksEqualOneRun) {
  int tiles = 0;
  for (std::uint64_t seed = 22000; seed < 22012 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    const program::Program program = testing::random_program(seed);
    testing::Emulated gpu(program, {}, runtime::gpu::KernelChoice::time_batched);
    expect_blocks_equal_runs(program, gpu.executable, *runtime::compile(program, "reference"), seed, 60, 45);
    tiles = std::max(tiles, gpu.log.longest_time_batched);
  }
  EXPECT_EQ(tiles, 2);
}

program::Program three_classes() {
  using testing::TinyProgram;
  const program::Linear linear{Tensor<std::int8_t>({3, 1}, {1, 2, 3})};
  return TinyProgram({1}, InputEncoding::constant_current, 8)
      .layer({3}, {TinyProgram::group(0, linear, 3)}, 10)
      .count();
}

TEST_P(Streams, AnImageThatStoppedKeepsItsAnswer) {
  const auto executable = runtime::compile(three_classes(), GetParam());
  const EncodedInput input({2, 1}, std::vector<std::int8_t>{4, 4});
  runtime::RunOptions options;
  options.wanted.by_timestep = true;
  const auto stream = executable->open(2, options);
  const RunResult first = stream->advance(input, 3);
  stream->stop(0);
  const RunResult second = stream->advance(input, 2);
  for (std::int64_t t = 0; t < 2; ++t) EXPECT_EQ(second.accumulators(0, t)[0], first.accumulators(0, 2)[0]);
  EXPECT_GT(second.accumulators(1, 1)[0], first.accumulators(1, 2)[0]);
  EXPECT_FLOAT_EQ(runtime::logits(three_classes(), second)[1], static_cast<float>(second.accumulators(1, 1)[0]) / 5.0F);
  stream->reset();
  EXPECT_EQ(stream->timesteps(), 0);
  EXPECT_EQ(stream->advance(input, 3).accumulators(0, 2)[0], first.accumulators(0, 2)[0]);
}

/// Another constant current for every block, as a camera has it.
TEST_P(Streams, TheInputMayChange) {
  const auto executable = runtime::compile(three_classes(), GetParam());
  const auto stream = executable->open(1);
  stream->advance({{1, 1}, std::vector<std::int8_t>{4}}, 2);  // v: 8, 16 -> 6, 24 -> 14
  const auto result = stream->advance({{1, 1}, std::vector<std::int8_t>{-4}}, 1);
  EXPECT_EQ(result.accumulators()[0], 3);  // one spike of the second, two of the third; then none
}

TEST_P(Streams, RefusalsSayWhatIsWrong) {
  const auto executable = runtime::compile(three_classes(), GetParam());
  expect_error<UserError>([&] { executable->open(1, {.mode = Mode::exact}); }, {"exact mode", "synchronous"});
  expect_error<UserError>([&] { executable->open(-1); }, {"-1 images"});
  const auto stream = executable->open(2);
  const EncodedInput input({2, 1}, std::vector<std::int8_t>{4, 4});
  expect_error<UserError>([&] { stream->advance(input, 0); }, {"0 timesteps"});
  expect_error<UserError>([&] { stream->advance({{1, 1}, std::vector<std::int8_t>{4}}, 1); }, {"1 images", "for 2"});
  expect_error<UserError>([&] { stream->advance(input, program::kMaxTimesteps + 1); }, {"4096"});
  expect_error<UserError>([&] { stream->stop(2); }, {"no image 2", "0..1"});
  EXPECT_EQ(stream->advance(input, 2).images(), 2);
}

/// The proof is for all timesteps of a stream, not for those of a block.
TEST_P(Streams, StopBeforeAMembraneCouldOverflow) {
  program::Program program = three_classes();
  program.nodes[1].as<program::IfLayer>()->theta.assign(3, 2000000000);
  program.nodes[1].as<program::IfLayer>()->bias.assign(3, -1000000);
  const auto executable = runtime::compile(program, GetParam());
  const auto stream = executable->open(1);
  const EncodedInput input({1, 1}, std::vector<std::int8_t>{4});
  stream->advance(input, 1500);
  expect_error<UserError>([&] { stream->advance(input, 1500); }, {"layer1"});
}

INSTANTIATE_TEST_SUITE_P(Conformance, Streams, ::testing::ValuesIn(testing::targets()), testing::parameter_name);

}  // namespace
}  // namespace neurocuda
