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

SentValues::SentValues(const torch::Tensor& theta, int timesteps) : theta_(theta), timesteps_(timesteps) {}

void SentValues::add_timestep(const torch::Tensor& spikes) {
  const auto bits = spikes.to(torch::kUInt8);
  const int place = added_++ % kBits;
  if (place == 0) {
    bits_.push_back(bits.clone());
  } else {
    bits_.back().bitwise_or_(bits.mul_(1 << place));
  }
  counts_ = counts_.defined() ? counts_.add_(spikes) : spikes.to(torch::kInt16);
}

torch::Tensor SentValues::scaled(const torch::Tensor& spikes) const {
  const auto values = spikes.to(torch::kFloat32);
  return values.mul_(neurons::per_channel(theta_, values));
}

torch::Tensor SentValues::bits_at(int timestep) const {
  const auto t = static_cast<std::size_t>(timestep);
  return bits_.at(t / kBits).bitwise_right_shift(static_cast<std::int64_t>(t % kBits)).bitwise_and_(1);
}

torch::Tensor SentValues::at(int timestep) const { return is_constant() ? constant_ : scaled(bits_at(timestep)); }

torch::Tensor SentValues::until(int timestep) const {
  if (running_until_ < 0 || timestep < running_until_) {
    running_ = bits_at(0).to(torch::kInt16);
    running_until_ = 0;
  }
  while (running_until_ < timestep) running_.add_(bits_at(++running_until_));
  return scaled(running_);
}

torch::Tensor SentValues::mean() const {
  if (is_constant()) return constant_;
  return scaled(counts_).div_(timesteps_);
}

}  // namespace neurocuda::conversion::layerwise
