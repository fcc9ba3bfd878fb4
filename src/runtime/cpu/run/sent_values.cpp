#include "runtime/cpu/run/sent_values.hpp"

#include <algorithm>

namespace neurocuda::runtime::cpu {

AmountList SentValues::list(const PlannedNode& source, const PackedConv& conv, const Positions& rows,
                            const std::int32_t* sent) {
  const Geometry& g = conv.geometry;
  const SourceRows under = rows_under(g, rows.first, rows.count);
  const std::int64_t first = std::clamp<std::int64_t>(under.first, 0, g.in_height) * g.in_width;
  const std::int64_t end = std::clamp<std::int64_t>(under.first + under.count, 0, g.in_height) * g.in_width;
  std::size_t listed = 0;
  for (std::int64_t p = first; p < end; ++p) {
    offsets_[static_cast<std::size_t>(p)] = static_cast<std::uint32_t>(listed);
    const std::int32_t* at = sent + p * source.channels + conv.first_input;
    for (std::int64_t c = 0; c < conv.inputs; ++c) {
      if (at[c] == 0) continue;
      channels_[listed] = static_cast<std::uint16_t>(c);
      amounts_[listed++] = at[c];
    }
  }
  offsets_[static_cast<std::size_t>(end)] = static_cast<std::uint32_t>(listed);
  return {channels_.data(), amounts_.data(), offsets_.data()};
}

void add_diagonal_values(const PlannedNode& source, const std::vector<std::int32_t>& diagonal, const Positions& part,
                         const std::int32_t* sent, std::int64_t padded, std::int32_t* into) {
  sent += part.first * source.channels;
  for (std::int64_t p = 0; p < part.count; ++p) {
    for (std::int64_t c = 0; c < source.channels; ++c)
      into[p * padded + c] += diagonal[static_cast<std::size_t>(c)] * sent[p * source.channels + c];
  }
}

}  // namespace neurocuda::runtime::cpu
