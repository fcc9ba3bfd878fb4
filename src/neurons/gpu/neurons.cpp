#include "neurons/gpu/neurons.hpp"

#include "neurocuda/neurons/channel_kernel.hpp"

namespace neurocuda::neurons::gpu {
namespace {

/// Calls function with the bits of a tensor's scalars: float or std::uint16_t.
template <class Function>
void with_bits(const torch::Tensor& tensor, const Function& function) {
  // NOLINTNEXTLINE(bugprone-branch-clone): two types of argument, two functions
  tensor.scalar_type() == torch::kBFloat16 ? function(std::uint16_t()) : function(float());
}

template <class T>
const T* in(const torch::Tensor& tensor) {
  return static_cast<const T*>(tensor.const_data_ptr());
}
template <class T>
T* out(const torch::Tensor& tensor) {
  return static_cast<T*>(tensor.data_ptr());
}

torch::Tensor plain(const torch::Tensor& parameter) { return parameter.detach().contiguous(); }

/// An empty tensor of `like`'s shape but for the first extent, channel innermost.
torch::Tensor empty_slices(const torch::Tensor& like, std::int64_t first, torch::Dtype dtype) {
  auto shape = like.sizes().vec();
  shape[0] = first;
  const auto format = like.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  return torch::empty(shape, like.options().dtype(dtype).memory_format(format));
}

TimeSlices slices_of(const torch::Tensor& current, bool constant, std::int64_t channels, int timesteps) {
  const std::int64_t elements = constant ? current.numel() : current.numel() / timesteps;
  return {elements, channels, constant ? 0 : elements, timesteps};
}

std::int64_t steps_outside(const torch::Tensor& current, bool constant, int timesteps) {
  return constant ? current.size(0) * timesteps : current.size(0);
}

/// (rows, columns) -> (columns).
torch::Tensor sum_rows(const Launch& launch, const torch::Tensor& partial) {
  const std::int64_t rows = partial.size(0), columns = partial.size(1), groups = groups_of_rows(rows);
  const auto grouped = torch::empty({groups, columns}, partial.options()),
             sum = torch::empty({columns}, partial.options());
  launch(SumRows{rows, columns, groups, in<float>(partial), out<float>(grouped)});
  launch(SumRows{groups, columns, 1, in<float>(grouped), out<float>(sum)});
  return sum;
}

}  // namespace

Firing fire(const Launch& launch, const torch::Tensor& current, bool constant, const torch::Tensor& theta,
            const torch::Tensor& v0, int timesteps) {
  const std::int64_t first = steps_outside(current, constant, timesteps);
  const Firing firing{empty_slices(current, first, current.scalar_type()), empty_slices(current, first, torch::kInt8)};
  const auto thresholds = plain(theta), initial = plain(v0);
  with_bits(current, [&](auto bits) {
    using Scalar = decltype(bits);
    launch(FireForward<Scalar>{slices_of(current, constant, theta.numel(), timesteps), in<Scalar>(current),
                               in<float>(thresholds), in<float>(initial), out<Scalar>(firing.output),
                               out<std::int8_t>(firing.codes)});
  });
  return firing;
}

FiringGradients fire_backward(const Launch& launch, const torch::Tensor& g, const torch::Tensor& codes,
                              std::int64_t channels, int timesteps, bool constant) {
  const std::int64_t elements = codes.numel() / timesteps, rows = partial_rows(elements, channels);
  const auto current = empty_slices(g, constant ? codes.size(0) / timesteps : codes.size(0), g.scalar_type());
  const auto partial = torch::empty({rows, 2 * channels}, g.options().dtype(torch::kFloat32));
  with_bits(g, [&](auto bits) {
    using Scalar = decltype(bits);
    launch(FireBackward<Scalar>{TimeSlices{elements, channels, constant ? 0 : elements, timesteps}, rows, in<Scalar>(g),
                                in<std::int8_t>(codes), out<Scalar>(current), out<float>(partial)});
  });
  const auto sums = sum_rows(launch, partial).chunk(2);
  return {current, sums[0], sums[1]};
}

torch::Tensor spikes_of(const Launch& launch, const torch::Tensor& codes, const torch::Tensor& theta,
                        torch::Dtype dtype) {
  const auto output = empty_slices(codes, codes.size(0), dtype);
  const auto thresholds = plain(theta);
  with_bits(output, [&](auto bits) {
    using Scalar = decltype(bits);
    launch(DecodeSpikes<Scalar>{codes.numel(), theta.numel(), in<std::int8_t>(codes), in<float>(thresholds),
                                out<Scalar>(output)});
  });
  return output;
}

torch::Tensor integrate_and_fire(const Launch& launch, const torch::Tensor& current, bool constant,
                                 const torch::Tensor& theta, const torch::Tensor& v0, int timesteps, program::Mode mode,
                                 program::NeuronKind kind) {
  const auto output = empty_slices(current, steps_outside(current, constant, timesteps), current.scalar_type());
  const auto thresholds = plain(theta), initial = plain(v0);
  with_bits(current, [&](auto bits) {
    using Scalar = decltype(bits);
    launch(IntegrateAndFire<Scalar>{slices_of(current, constant, theta.numel(), timesteps),
                                    mode == program::Mode::exact, kind == program::NeuronKind::signed_,
                                    in<Scalar>(current), in<float>(thresholds), in<float>(initial),
                                    out<Scalar>(output)});
  });
  return output;
}

torch::Tensor qcfs(const Launch& launch, const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels) {
  const auto h = torch::empty_like(x), ceiling = plain(lambda);
  with_bits(x, [&](auto bits) {
    using Scalar = decltype(bits);
    launch(QcfsForward<Scalar>{x.numel(), lambda.numel(), static_cast<float>(levels), in<Scalar>(x), in<float>(ceiling),
                               out<Scalar>(h)});
  });
  return h;
}

std::pair<torch::Tensor, torch::Tensor> qcfs_backward(const Launch& launch, const torch::Tensor& x,
                                                      const torch::Tensor& h, const torch::Tensor& g,
                                                      const torch::Tensor& lambda) {
  const std::int64_t channels = lambda.numel(), rows = partial_rows(x.numel(), channels);
  const auto dx = torch::empty_like(x), ceiling = plain(lambda);
  const auto partial = torch::empty({rows, channels}, x.options().dtype(torch::kFloat32));
  with_bits(x, [&](auto bits) {
    using Scalar = decltype(bits);
    launch(QcfsBackward<Scalar>{x.numel(), channels, rows, in<Scalar>(x), in<Scalar>(h), in<Scalar>(g),
                                in<float>(ceiling), out<Scalar>(dx), out<float>(partial)});
  });
  return {dx, sum_rows(launch, partial)};
}

}  // namespace neurocuda::neurons::gpu
