#include <functional>
#include <limits>
#include <string>

#include "support/expect_error.hpp"
#include "support/format_fields.hpp"
#include "unit/program/tiny_programs.hpp"

namespace neurocuda::program {
namespace {

TEST(Validate, AcceptsEveryKindOfNode) {
  EXPECT_NO_THROW(validate(tiny::every_kind()));
  EXPECT_NO_THROW(validate(tiny::one_neuron({1, -1}, 0, 2, 1)));
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_NO_THROW(validate(neurocuda::testing::with_format_fields(tiny::every_kind(), seed)));
  }
}

/// One way to break every_kind(), and what the message must say.
struct Defect {
  std::string name;
  std::function<void(Program&)> apply;
  std::string message;
};

IfLayer& if1(Program& p) { return *p.nodes[1].as<IfLayer>(); }
IfLayer& if2(Program& p) { return *p.nodes[2].as<IfLayer>(); }
OrPool& max_pool(Program& p) { return *p.nodes[3].as<OrPool>(); }
SumPool& sum_pool(Program& p) { return *p.nodes[4].as<SumPool>(); }
Accumulator& output(Program& p) { return *p.nodes[5].as<Accumulator>(); }
InputNode& input(Program& p) { return *p.nodes[0].as<InputNode>(); }
Conv& conv1(Program& p) { return std::get<Conv>(if1(p).groups[0].connection); }
Conv& conv2(Program& p) { return std::get<Conv>(if2(p).groups[0].connection); }

Tensor<std::int32_t> table(Shape shape) { return Tensor<std::int32_t>(std::move(shape)); }

const double kNan = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();
const std::int64_t kHuge = std::int64_t{1} << 62;

const std::vector<Defect>& defects() {
  static const std::vector<Defect> kDefects = {
      // Layout
      {"no_nodes", [](Program& p) { p.nodes.clear(); }, "0 nodes"},
      {"only_input", [](Program& p) { p.nodes.resize(1); }, "1 nodes"},
      {"second_input", [](Program& p) { p.nodes[1].kind = tiny::input(4); }, "node 0, and only that"},
      {"first_is_not_input", [](Program& p) { p.nodes.erase(p.nodes.begin()); }, "node 0, and only that"},
      {"last_is_not_accumulator", [](Program& p) { p.nodes.pop_back(); }, "the last node, and only that"},
      {"accumulator_in_the_middle", [](Program& p) { p.nodes[2].kind = output(p); }, "the last node, and only that"},
      {"timesteps_0", [](Program& p) { p.timesteps = 0; }, "0 timesteps"},
      {"timesteps_4097", [](Program& p) { p.timesteps = 4097; }, "4097 timesteps"},
      // Names
      {"empty_name", [](Program& p) { p.nodes[2].name.clear(); }, "empty name"},
      {"slash_in_name", [](Program& p) { p.nodes[2].name = "a/b"; }, "'a/b'"},
      {"dot_name", [](Program& p) { p.nodes[2].name = "."; }, "'.'"},
      {"newline_in_name", [](Program& p) { p.nodes[2].name = "a\nb"; }, "control character"},
      {"same_names", [](Program& p) { p.nodes[2].name = "if1"; }, "two nodes are called 'if1'"},
      {"empty_group_name", [](Program& p) { if1(p).groups[0].name.clear(); }, "synapse group has an empty name"},
      {"same_group_names", [](Program& p) { if2(p).groups[1].name = "conv2"; }, "two synapse groups called 'conv2'"},
      // Shapes
      {"rank_0", [](Program& p) { p.nodes[1].shape = {}; }, "'if1' has the shape ()"},
      {"rank_2",
       [](Program& p) {
         p.nodes[1].shape = {4, 6};
       },
       "'if1' has the shape (4, 6)"},
      {"zero_extent",
       [](Program& p) {
         p.nodes[1].shape = {4, 0, 6};
       },
       "extents must be positive"},
      {"negative_extent",
       [](Program& p) {
         p.nodes[1].shape = {4, -6, -6};
       },
       "extents must be positive"},
      {"huge_extent",
       [](Program& p) {
         p.nodes[1].shape = {kHuge, kHuge, kHuge};
       },
       "'if1' has the shape"},
      {"too_many_values",
       [](Program& p) {
         p.nodes[0].shape = p.nodes[1].shape = {1 << 8, 1 << 10, 1 << 10};
       },
       "node 'if1': the program has more than"},
      {"wrong_layer_height",
       [](Program& p) {
         p.nodes[1].shape = {4, 5, 6};
       },
       "convolution 'conv1' makes 6x6"},
      {"accumulator_plane",
       [](Program& p) {
         p.nodes[5].shape = {3, 2, 2};
       },
       "one value per class"},
      // Sources
      {"source_is_itself", [](Program& p) { if1(p).groups[0].source = 1; }, "'if1' at position 1 reads node 1"},
      {"source_ahead", [](Program& p) { if1(p).groups[0].source = 5; }, "reads node 5"},
      {"source_negative", [](Program& p) { if1(p).groups[0].source = -1; }, "reads node -1"},
      {"source_huge", [](Program& p) { if1(p).groups[0].source = INT32_MAX; }, "reads node 2147483647"},
      {"pool_source_ahead", [](Program& p) { sum_pool(p).source = 4; }, "'avg' at position 4 reads node 4"},
      {"pool_source_negative", [](Program& p) { max_pool(p).source = INT32_MIN; }, "reads node -2147483648"},
      // Windows
      {"kernel_0",
       [](Program& p) {
         conv1(p).window.kernel = {0, 3};
       },
       "kernel 0x3"},
      {"kernel_negative",
       [](Program& p) {
         max_pool(p).window.kernel = {-2, -2};
       },
       "kernel -2x-2"},
      {"stride_0", [](Program& p) { conv1(p).window.stride.width = 0; }, "stride 1x0"},
      {"stride_huge", [](Program& p) { conv1(p).window.stride.width = kHuge; }, "stride 1x4611"},
      {"dilation_0", [](Program& p) { sum_pool(p).window.dilation.height = 0; }, "dilation 0x1"},
      {"dilation_huge", [](Program& p) { sum_pool(p).window.dilation.height = kHuge; }, "dilation 4611"},
      {"padding_negative",
       [](Program& p) {
         conv1(p).window.padding = {-1, 0};
       },
       "padding -1x0"},
      {"padding_huge",
       [](Program& p) {
         conv1(p).window.padding = {kHuge, 0};
       },
       "padding 4611"},
      {"window_does_not_fit",
       [](Program& p) {
         max_pool(p).window.kernel = {9, 9};
       },
       "pool 'max' has the shape"},
      {"pool_shape",
       [](Program& p) {
         p.nodes[4].shape = {4, 3, 3};
       },
       "its window makes (4, 2, 2)"},
      {"pool_of_features",
       [](Program& p) {
         p.nodes[0].shape = {2};
         p.nodes[1] = {"pool", {2, 1, 1}, SumPool{0, {}}};
       },
       "pools need (C, H, W)"},
      // Groups
      {"no_group", [](Program& p) { if1(p).groups.clear(); }, "'if1' has no synapse group"},
      {"no_output_group", [](Program& p) { output(p).groups.clear(); }, "'output' has no synapse group"},
      {"conv_weight_rank",
       [](Program& p) {
         conv1(p).weight = tiny::weights({4, 18});
       },
       "needs (4, 2, 3, 3)"},
      {"conv_weight_outputs",
       [](Program& p) {
         conv1(p).weight = tiny::weights({3, 2, 3, 3});
       },
       "needs (4, 2, 3, 3)"},
      {"conv_weight_empty", [](Program& p) { conv1(p).weight = {}; }, "weight of shape ()"},
      {"conv_kernel_differs",
       [](Program& p) {
         conv1(p).weight = tiny::weights({4, 2, 3, 1});
       },
       "needs (4, 2, 3, 3)"},
      {"conv_groups_0", [](Program& p) { conv2(p).groups = 0; }, "has 0 groups"},
      {"conv_groups_negative", [](Program& p) { conv2(p).groups = -2; }, "has -2 groups"},
      {"conv_groups_do_not_divide", [](Program& p) { conv2(p).groups = 3; }, "has 3 groups"},
      {"conv_reads_features", [](Program& p) { p.nodes[0].shape = {2}; },
       "a convolution needs (C, H, W) on both sides"},
      {"linear_weight",
       [](Program& p) {
         output(p).groups[0].connection = Linear{tiny::weights({3, 15})};
       },
       "needs (3, 16)"},
      {"linear_into_plane",
       [](Program& p) {
         p.nodes[5].shape = {3, 1, 1};
       },
       "a linear map makes (features,)"},
      {"diagonal_weight", [](Program& p) { if2(p).groups[1].connection = Diagonal{tiny::weights({5})}; }, "needs (4,)"},
      {"diagonal_shapes", [](Program& p) { output(p).groups[0].connection = Diagonal{tiny::weights({3})}; },
       "the shapes must be equal"},
      {"diagonal_of_input",
       [](Program& p) {
         p.nodes[0].shape = {4, 6, 6};
         input(p).scale.resize(4, 1.0);
         if1(p).groups[0].connection = Diagonal{tiny::weights({4})};
       },
       "reads the input"},
      {"shift_size", [](Program& p) { if1(p).groups[0].shift.pop_back(); }, "3 shifts for the 4 channels"},
      {"shift_8", [](Program& p) { if1(p).groups[0].shift[3] = 8; }, "shift 8"},
      // Values of layers
      {"bias_size", [](Program& p) { if1(p).bias.pop_back(); }, "3 bias values for 4 channels"},
      {"theta_size", [](Program& p) { if1(p).theta.push_back(2); }, "5 theta values for 4 channels"},
      {"v0_size", [](Program& p) { if1(p).v0.clear(); }, "0 v0 values for 4 channels"},
      {"scale_size", [](Program& p) { if1(p).scale.clear(); }, "0 scale values"},
      {"theta_odd", [](Program& p) { if1(p).theta[2] = 7; }, "threshold 7"},
      {"theta_0", [](Program& p) { if1(p).theta[2] = 0; }, "threshold 0"},
      {"theta_negative", [](Program& p) { if1(p).theta[2] = -4; }, "threshold -4"},
      {"scale_nan", [](Program& p) { if1(p).scale[0] = kNan; }, "scale nan"},
      {"scale_0", [](Program& p) { if1(p).scale[0] = 0; }, "scale 0"},
      {"output_bias_size", [](Program& p) { output(p).bias.pop_back(); }, "2 bias values for 3 channels"},
      {"output_scale", [](Program& p) { output(p).scale = -1; }, "scale -1"},
      {"neuron", [](Program& p) { if1(p).neuron = static_cast<NeuronKind>(2); }, "unknown kind of neuron 2"},
      {"density_2", [](Program& p) { if1(p).density = 2; }, "'if1' has the density 2"},
      {"density_negative", [](Program& p) { if1(p).density = -0.5; }, "density -0.5"},
      {"density_nan", [](Program& p) { if1(p).density = kNan; }, "density nan"},
      // Biases by timestep
      {"biases_rank", [](Program& p) { if1(p).bias_by_timestep = table({4}); }, "biases by timestep of shape (4,)"},
      {"biases_channels",
       [](Program& p) {
         if1(p).bias_by_timestep = table({4, 5});
       },
       "it must be (timesteps, 4)"},
      {"biases_none",
       [](Program& p) {
         if1(p).bias_by_timestep = table({0, 4});
       },
       "of shape (0, 4)"},
      {"biases_many",
       [](Program& p) {
         if1(p).bias_by_timestep = table({4097, 4});
       },
       "at most 4096 timesteps"},
      {"biases_mean",
       [](Program& p) {
         if1(p).bias_by_timestep = table({2, 4});
         if1(p).bias[3] = 1;
       },
       "'if1' has the bias 1 in channel 3: with biases by timestep it must be their mean, 0"},
      {"output_biases",
       [](Program& p) {
         output(p).bias_by_timestep = table({2, 4});
       },
       "it must be (timesteps, 3)"},
      {"output_biases_mean",
       [](Program& p) {
         output(p).bias_by_timestep = table({2, 3});
       },
       "must be their mean, 0"},
      // Max pools
      {"rule", [](Program& p) { max_pool(p).rule = static_cast<MaxPoolRule>(5); }, "'max' has the unknown rule 5"},
      {"minimum_of_or", [](Program& p) { max_pool(p).takes_minimum.resize(4); }, "not an OR"},
      {"minimum_size",
       [](Program& p) {
         max_pool(p).rule = MaxPoolRule::maximum_of_counts;
         max_pool(p).takes_minimum.resize(3);
       },
       "3 choices of maximum or minimum for 4 channels"},
      {"minimum_2",
       [](Program& p) {
         max_pool(p).rule = MaxPoolRule::maximum_of_counts;
         max_pool(p).takes_minimum = {0, 1, 2, 0};
       },
       "the choice 2"},
      {"or_of_signed_spikes", [](Program& p) { if2(p).neuron = NeuronKind::signed_; },
       "'max' makes an OR of signed spikes"},
      // Origin
      {"mode", [](Program& p) { p.mode = static_cast<Mode>(3); }, "unknown mode 3"},
      {"maker_line", [](Program& p) { p.made_by = "a\nb"; }, "printable"},
      {"maker_long", [](Program& p) { p.made_by.assign(201, 'a'); }, "at most 200"},
      {"or_pool_of_counts",
       [](Program& p) {
         p.nodes[4].kind = OrPool{3, sum_pool(p).window};
         p.nodes[3].kind = SumPool{2, max_pool(p).window};
       },
       "does not hold spikes"},
      // Input
      {"bits_1", [](Program& p) { input(p).bits = 1; }, "1 bits"},
      {"bits_9", [](Program& p) { input(p).bits = 9; }, "9 bits"},
      {"encoding", [](Program& p) { input(p).encoding = static_cast<InputEncoding>(7); }, "unknown encoding 7"},
      {"input_scale_size", [](Program& p) { input(p).scale.pop_back(); }, "1 scale values for 2 channels"},
      {"input_scale_infinite", [](Program& p) { input(p).scale[1] = kInfinity; }, "scale inf"},
      {"input_mean_alone",
       [](Program& p) {
         input(p).mean = {0, 0};
       },
       "0 stddev values"},
      {"input_stddev_0",
       [](Program& p) {
         input(p).mean = {0, 0};
         input(p).stddev = {1, 0};
       },
       "stddev 0"},
      {"input_mean_nan",
       [](Program& p) {
         input(p).mean = {0, static_cast<float>(kNan)};
         input(p).stddev = {1, 1};
       },
       "mean nan"},
  };
  return kDefects;
}

TEST(Validate, RefusesEveryDefectInOneLine) {
  for (const Defect& defect : defects()) {
    SCOPED_TRACE(defect.name);
    Program program = tiny::every_kind();
    defect.apply(program);
    neurocuda::testing::expect_error<UserError>([&] { validate(program); }, {defect.message});
  }
}

TEST(Validate, RefusesSumPoolsBeyondInt32) {
  // Each pool of the whole plane multiplies the largest value by 128 x 128; padding keeps the plane as large.
  Program program;
  program.nodes.push_back({"input", {1, 128, 128}, tiny::input(1)});
  for (int i = 0; i < 8; ++i) {
    const SumPool pool{i, {{128, 128}, {1, 1}, {64, 64}, {1, 1}}};
    const std::int64_t extent = 128 + i + 1;
    program.nodes.push_back({"pool" + std::to_string(i), {1, extent, extent}, pool});
  }
  const std::int64_t features = element_count(program.nodes.back().shape);
  program.nodes.push_back(
      {"output", {1}, Accumulator{{{"fc", 8, Linear{tiny::weights({1, features})}, {0}}}, {0}, 1.0}});
  neurocuda::testing::expect_error<UserError>([&] { validate(program); },
                                              {"sum pool 'pool1' can reach a value beyond int32"});
}

}  // namespace
}  // namespace neurocuda::program
