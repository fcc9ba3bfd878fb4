#include <gmock/gmock.h>

#include <limits>

#include "neurocuda/compiler/compiler.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::compiler {
namespace {

using ::testing::ElementsAre;

TEST(InputScales, FollowFromTheNormalisation) {
  // Pixels in [0, 1]: the farther end from the mean, over the deviation.
  const ir::Input input{{3, 4, 4}, {{0.25F, 0.75F, 0.5F}, {0.5F, 0.25F, 1.0F}}};
  EXPECT_THAT(input_scales(input, {}), ElementsAre(1.5 / 127, 3.0 / 127, 0.5 / 127));
  LowerOptions narrow;
  narrow.input_bits = 4;
  EXPECT_THAT(input_scales(input, narrow), ElementsAre(1.5 / 7, 3.0 / 7, 0.5 / 7));
}

TEST(InputScales, MeansOutsideThePixelRangeCount) {
  const ir::Input input{{2}, {{-1.0F, 2.0F}, {1.0F, 1.0F}}};
  EXPECT_THAT(input_scales(input, {}), ElementsAre(2.0 / 127, 2.0 / 127));
}

TEST(InputScales, GivenRangesWinOverTheNormalisation) {
  const ir::Input input{{2}, {{0.5F, 0.5F}, {1.0F, 1.0F}}};
  LowerOptions options;
  options.input_absmax = {127.0F, 254.0F};
  EXPECT_THAT(input_scales(input, options), ElementsAre(1.0, 2.0));
}

TEST(InputScales, UnknownOrWrongRangesAreRefusedWithTheRemedy) {
  const ir::Input unknown{{2}, {}};
  neurocuda::testing::expect_error<ConversionError>([&] { input_scales(unknown, {}); }, {"(2,)", "input_absmax"});
  LowerOptions options;
  options.input_absmax = {1.0F};
  neurocuda::testing::expect_error<ConversionError>([&] { input_scales(unknown, options); },
                                                    {"1 input ranges", "2 channels"});
  for (const float bad :
       {0.0F, -1.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    options.input_absmax = {1.0F, bad};
    neurocuda::testing::expect_error<ConversionError>([&] { input_scales(unknown, options); },
                                                      {fmt::format("{}", bad)});
  }
}

}  // namespace
}  // namespace neurocuda::compiler
