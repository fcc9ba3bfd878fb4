#include <gmock/gmock.h>

#include "neurocuda/nir/nir.hpp"
#include "support/expect_error.hpp"
#include "support/size_limit.hpp"
#include "unit/base/files.hpp"
#include "unit/nir/sample_program.hpp"

namespace neurocuda::nir {
namespace {

using NirOnAFullDisk = neurocuda::testing::Files;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// libhdf5, which would still have the file open, crashed when the process ended.
TEST_F(NirOnAFullDisk, IsOneLineAndLeavesNothing) {
  const neurocuda::testing::SizeLimit limit(4000);
  neurocuda::testing::expect_error<UserError>([&] { write(neurocuda::testing::sample_program(), folder_ / "snn.nir"); },
                                              {"snn.nir", "cannot be written", "make room"});
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(NirOnAFullDisk, TheOldNetworkStays) {
  write(neurocuda::testing::tiny_program(), folder_ / "snn.nir");
  const neurocuda::testing::SizeLimit limit(4000);
  neurocuda::testing::expect_error<UserError>([&] { write(neurocuda::testing::sample_program(), folder_ / "snn.nir"); },
                                              {"snn.nir"});
  EXPECT_THAT(names(), ElementsAre("snn.nir"));
  EXPECT_EQ(read(folder_ / "snn.nir"), neurocuda::testing::tiny_program());
}

}  // namespace
}  // namespace neurocuda::nir
