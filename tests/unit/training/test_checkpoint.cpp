#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "neurocuda/base/file.hpp"
#include "support/expect_error.hpp"
#include "support/size_limit.hpp"
#include "training/loop/checkpoint.hpp"
#include "unit/base/files.hpp"

namespace neurocuda::training {
namespace {

using neurocuda::testing::expect_error;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Checkpoints : public neurocuda::testing::Files {
 protected:
  static Checkpoint sample() {
    Checkpoint checkpoint{{{"stage", "training"}}, 3, {}, {{1, 0.5, 0.9, 0.1, 2.0}}, {}};
    checkpoint.tensors["network.a.b"] = torch::arange(600, torch::kFloat32).reshape({20, 30});
    return checkpoint;
  }
  std::string contents() const {
    const auto bytes = read_file(path_, 1 << 20);
    return {bytes.begin(), bytes.end()};
  }
  void expect_damaged() const {
    expect_error<UserError>([&] { load_checkpoint(path_, sample().identity); }, {"run.resume.pt", "damaged", "delete"});
  }

  std::filesystem::path path_ = folder_ / "run.resume.pt";
};

TEST_F(Checkpoints, ComeBack) {
  save_checkpoint(sample(), path_);
  const Checkpoint back = load_checkpoint(path_, sample().identity);
  EXPECT_EQ(back.epochs_done, 3);
  EXPECT_TRUE(torch::equal(back.tensors.at("network.a.b"), sample().tensors.at("network.a.b")));
  EXPECT_THAT(names(), ElementsAre("run.resume.pt"));
}

TEST_F(Checkpoints, OneChangedBitIsNoticedWhereverItIs) {
  save_checkpoint(sample(), path_);
  const std::string good = contents();
  for (std::size_t at = 0; at < good.size(); at += 97) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    write_file(path_, bad);
    expect_damaged();
  }
}

TEST_F(Checkpoints, WhatIsCutShortOrNone) {
  save_checkpoint(sample(), path_);
  const std::string good = contents();
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{5}, good.size() / 2, good.size() - 1}) {
    write_file(path_, good.substr(0, bytes));
    expect_damaged();
  }
  write_file(path_, good + "x");
  expect_damaged();
}

TEST_F(Checkpoints, AFullDiskIsOneLineAndLeavesNothing) {
  const neurocuda::testing::SizeLimit limit(500);
  expect_error<UserError>([&] { save_checkpoint(sample(), path_); },
                          {"run.resume.pt", "cannot be written", "make room"});
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Checkpoints, AFullDiskKeepsTheLastOne) {
  save_checkpoint(sample(), path_);
  Checkpoint next = sample();
  next.epochs_done = 4;
  const neurocuda::testing::SizeLimit limit(500);
  expect_error<UserError>([&] { save_checkpoint(next, path_); }, {"make room"});
  EXPECT_EQ(load_checkpoint(path_, sample().identity).epochs_done, 3);
}

}  // namespace
}  // namespace neurocuda::training
