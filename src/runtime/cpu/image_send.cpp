// What the synapse groups of a layer do with their sources' spikes and integers at one timestep.
#include <algorithm>
#include <cstdlib>

#include "runtime/cpu/image_run.hpp"

namespace neurocuda::runtime::cpu {

Synapses ImageRun::synapses(const PlannedNode& target, const PackedConv& conv, std::int32_t* into) {
  return {conv.geometry,    conv.weights.data(),
          conv.tap_bytes(), conv.padded,
          conv.flush,       {rows_.data(), amounts_.data(), offsets_.data()},
          gathered_.data(), into + conv.first_output,
          target.padded};
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
    (negative ? kernels_.subtract_spikes : kernels_.add_spikes)(synapses(target, conv, into));
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
    list_values(source, conv, sent);
    kernels_.add_amounts(synapses(target, conv, into));
  }
  if (group.diagonal.empty()) return;
  for (std::int64_t p = 0; p < source.positions; ++p) {
    for (std::int64_t c = 0; c < source.channels; ++c) {
      into[p * target.padded + c] += group.diagonal[static_cast<std::size_t>(c)] * sent[p * source.channels + c];
    }
  }
}

void ImageRun::list_values(const PlannedNode& source, const PackedConv& conv, const std::int32_t* sent) {
  std::size_t listed = 0;
  for (std::int64_t p = 0; p < source.positions; ++p) {
    offsets_[static_cast<std::size_t>(p)] = static_cast<std::uint32_t>(listed);
    const std::int32_t* at = sent + p * source.channels + conv.first_input;
    for (std::int64_t c = 0; c < conv.inputs; ++c) {
      if (at[c] == 0) continue;
      rows_[listed] = static_cast<std::uint32_t>(c * conv.padded);
      amounts_[listed++] = at[c];
    }
  }
  offsets_[static_cast<std::size_t>(source.positions)] = static_cast<std::uint32_t>(listed);
}

void ImageRun::count_values(const PlannedNode& source, const PlannedGroup& group, const std::int32_t* sent) {
  for (std::int64_t p = 0; p < source.positions; ++p) {
    std::int64_t total = 0;
    for (std::int64_t c = 0; c < source.channels; ++c) total += std::abs(sent[p * source.channels + c]);
    operations_ += total * group.fan_out[static_cast<std::size_t>(p)];
  }
}

}  // namespace neurocuda::runtime::cpu
