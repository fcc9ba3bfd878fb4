#include "conversion/layerwise/sent_values.hpp"

#include "neurocuda/neurons/channel_kernel.hpp"

namespace neurocuda::conversion::layerwise {
namespace {

constexpr int kBits = 8;

}  // namespace

SentValues SentValues::constant(torch::Tensor values) {
  SentValues sent;
  sent.constant_ = std::move(values);
  return sent;
}

SentValues::SentValues(const torch::Tensor& theta, int timesteps, bool are_signed)
    : theta_(theta), timesteps_(timesteps), are_signed_(are_signed) {}

void SentValues::add_timestep(const torch::Tensor& spikes) {
  const int place = added_++ % kBits;
  const auto add = [&](const torch::Tensor& set, std::vector<torch::Tensor>& bytes) {
    const auto bits = set.to(torch::kUInt8);
    if (place == 0) {
      bytes.push_back(bits.clone());
    } else {
      bytes.back().bitwise_or_(bits.mul(1 << place));
    }
  };
  add(spikes > 0, bits_);
  if (are_signed_) add(spikes < 0, negative_);
  counts_ = counts_.defined() ? counts_.add_(spikes) : spikes.to(torch::kInt16);
}

torch::Tensor SentValues::scaled(const torch::Tensor& spikes) const {
  const auto values = spikes.to(torch::kFloat32);
  return values.mul_(neurons::per_channel(theta_, values));
}

torch::Tensor SentValues::spikes_at(int timestep) const {
  const auto t = static_cast<std::size_t>(timestep);
  const auto bits_of = [&](const std::vector<torch::Tensor>& bytes) {
    return bytes.at(t / kBits).bitwise_right_shift(static_cast<std::int64_t>(t % kBits)).bitwise_and_(1);
  };
  const auto spikes = bits_of(bits_);
  return are_signed_ ? spikes.to(torch::kInt8).sub_(bits_of(negative_).to(torch::kInt8)) : spikes;
}

torch::Tensor SentValues::at(int timestep) const { return is_constant() ? constant_ : scaled(spikes_at(timestep)); }

torch::Tensor SentValues::until(int timestep) const {
  if (running_until_ < 0 || timestep < running_until_) {
    running_ = spikes_at(0).to(torch::kInt16);
    running_until_ = 0;
  }
  while (running_until_ < timestep) running_.add_(spikes_at(++running_until_));
  return scaled(running_);
}

torch::Tensor SentValues::mean() const {
  if (is_constant()) return constant_;
  return scaled(counts_).div_(timesteps_);
}

}  // namespace neurocuda::conversion::layerwise
