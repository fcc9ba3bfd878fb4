// What the synapse groups of a layer do with their sources' spikes and integers at one timestep.
#include <algorithm>
#include <cstdlib>

#include "runtime/cpu/image_run.hpp"

namespace neurocuda::runtime::cpu {

Synapses ImageRun::synapses(const PlannedNode& target, const PackedConv& conv, const Events& events,
                            std::int32_t* into) {
  return {conv.geometry, conv.weights.data(), conv.tap_bytes(),         conv.padded,  conv.flush,
          events,        gathered_.data(),    into + conv.first_output, target.padded};
}

void ImageRun::send_spikes(const PlannedNode& target, const PlannedGroup& group, std::int64_t t, std::int32_t* into) {
  send_bits(target, group, bits(group.source, t), false, into);
  if (planned(group.source).with_signs) send_bits(target, group, negative(group.source, t), true, into);
}

void ImageRun::send_bits(const PlannedNode& target, const PlannedGroup& group, const std::uint64_t* bits, bool negative,
                         std::int32_t* into) {
  const PlannedNode& source = planned(group.source);
  SpikeSource spikes{bits, source.positions, source.words, 0, source.channels};
  if (!group.diagonal.empty()) {
    if (task_->counts()) operations_ += kernels_.count_spikes(spikes.bits, source.positions * source.words);
    kernels_.add_diagonal(spikes, (negative ? group.negated : group.diagonal).data(), into, target.padded);
    return;
  }
  for (const PackedConv& conv : group.convs) {
    spikes.first = conv.first_input;
    spikes.count = conv.inputs;
    kernels_.list_spikes(spikes, static_cast<std::uint32_t>(conv.padded), rows_.data(), offsets_.data());
    if (task_->counts()) count_listed_spikes(group);
    const Synapses listed = synapses(target, conv, {rows_.data(), nullptr, offsets_.data()}, into);
    (negative ? kernels_.subtract_spikes : kernels_.add_spikes)(listed);
  }
}

void ImageRun::count_listed_spikes(const PlannedGroup& group) {
  for (std::size_t p = 0; p < group.fan_out.size(); ++p)
    operations_ += group.fan_out[p] * (offsets_[p + 1] - offsets_[p]);
}

void ImageRun::send_values(const PlannedNode& target, const PlannedGroup& group, std::int64_t t, std::int32_t* into) {
  const PlannedNode& source = planned(group.source);
  const std::int32_t* sent = values(group.source, t);
  if (task_->counts() && source.signal == Signal::counts) count_values(source, group, sent);
  for (const PackedConv& conv : group.convs) {
    kernels_.add_amounts(synapses(target, conv, sent_values_.list(source, conv, sent), into));
  }
  if (!group.diagonal.empty()) add_diagonal_values(source, group.diagonal, sent, target.padded, into);
}

void ImageRun::count_values(const PlannedNode& source, const PlannedGroup& group, const std::int32_t* sent) {
  for (std::int64_t p = 0; p < source.positions; ++p) {
    std::int64_t total = 0;
    for (std::int64_t c = 0; c < source.channels; ++c) total += std::abs(sent[p * source.channels + c]);
    operations_ += total * group.fan_out[static_cast<std::size_t>(p)];
  }
}

}  // namespace neurocuda::runtime::cpu
