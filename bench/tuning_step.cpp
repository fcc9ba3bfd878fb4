// One step of back-propagation through time on random images: forward, backward, update. Prints one line of JSON.
//   tuning_step ARCHITECTURE TIMESTEPS BATCH STEPS THREADS
// bench/tuning_step.py runs it beside other libraries.
#include "conversion/fine_tuning/tuning_step.hpp"

#include <sys/resource.h>
#include <torch/optim/sgd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "neurocuda/conversion/fine_tune.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/training/architectures.hpp"

namespace neurocuda::conversion {
namespace {

struct Setting {
  std::string architecture;
  int timesteps;
  std::int64_t batch;
  int steps, threads;
};

std::int64_t resident_bytes() {
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * 4096;
}

std::int64_t peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;
}

ir::Graph spiking_network(const std::string& name) {
  training::ArchitectureOptions options;
  options.image_shape = {3, 32, 32};
  options.normalization = {{0.5F, 0.5F, 0.5F}, {0.25F, 0.25F, 0.25F}};
  const ir::Graph folded = passes::fold_batch_norm(training::build_architecture(name, options));
  const auto shapes = ir::infer_shapes(folded);
  std::map<std::string, Tensor<float>> lambdas;
  for (ir::NodeId id = 0; id < folded.size(); ++id) {
    if (folded.node(id).as<ir::ReLU>()) lambdas[folded.node(id).name] = Tensor<float>({shapes[id][0]}, 1.0F);
  }
  return passes::substitute_if(passes::substitute_qcfs(folded, lambdas, 4));
}

int run(const Setting& setting) {
  const auto device = network::prepare_device({"cpu", setting.threads, false});
  const ir::Graph graph = spiking_network(setting.architecture);
  network::Network student(graph, device), teacher(graph, device);
  student.set_requires_grad(true);
  Settings settings;
  settings.timesteps = setting.timesteps;
  settings.tune_distillation = settings.time_consistency = settings.rate_matching = 0;
  TuningStep step(student, teacher, graph, settings);
  torch::optim::SGD sgd(student.trainable(), torch::optim::SGDOptions(1e-3));
  const auto images = torch::randn({setting.batch, 3, 32, 32}).contiguous(torch::MemoryFormat::ChannelsLast);
  const auto labels = torch::randint(10, {setting.batch}, torch::kInt64);
  const std::int64_t before = resident_bytes();
  std::vector<double> seconds;
  for (int i = 0; i < setting.steps; ++i) {
    const auto began = std::chrono::steady_clock::now();
    sgd.zero_grad();
    step.run(images, labels, 1.0);
    sgd.step();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  }
  std::sort(seconds.begin(), seconds.end());
  const auto predicted = predicted_bytes_per_image(graph, setting.timesteps) * setting.batch;
  std::printf("{\"seconds\": %.6f, \"bytes\": %lld, \"predicted_bytes\": %lld}\n", seconds[seconds.size() / 2],
              static_cast<long long>(peak_bytes() - before), static_cast<long long>(predicted));
  return 0;
}

}  // namespace
}  // namespace neurocuda::conversion

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "use: tuning_step ARCHITECTURE TIMESTEPS BATCH STEPS THREADS\n");
    return 2;
  }
  return neurocuda::conversion::run(
      {argv[1], std::atoi(argv[2]), std::atoll(argv[3]), std::atoi(argv[4]), std::atoi(argv[5])});
}
