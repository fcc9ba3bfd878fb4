#include <algorithm>

#include "neurocuda/compiler/compiler.hpp"

namespace neurocuda::compiler {

double LayerRounding::worst_weight_error() const {
  double worst = 0;
  for (const ChannelRounding& channel : channels) worst = std::max(worst, channel.weight_error);
  return worst;
}

double LayerRounding::worst_theta_error() const {
  double worst = 0;
  for (const ChannelRounding& channel : channels) worst = std::max(worst, channel.theta_error);
  return worst;
}

}  // namespace neurocuda::compiler
