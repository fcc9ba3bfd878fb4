#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace neurocuda::training {

/// How well a network fits images that it was trained on, and how well images that were kept back from the training.
struct Fit {
  double seen_accuracy = 0, held_out_accuracy = 0;
  double seen_cross_entropy = 0, held_out_cross_entropy = 0;
  std::int64_t images = 0;  ///< of each
};

/// How good a network is on held-out images: accuracy first, then the mean cross-entropy, which still tells networks
/// apart where a few hundred images leave their accuracies equal.
struct Score {
  double accuracy = 0;
  double cross_entropy = 0;
  /// What the synaptic operations cost in the loss, where they are to be few: the sum of both then decides, for the
  /// most accurate network would rarely be a sparse one.
  double synops = 0;
  std::optional<Fit> fit{};  ///< measured where the start may know the held-out images, see handicapped_start
};

/// Of one network on images of its training and on others.
Fit fit_of(const Score& seen, const Score& held_out, std::int64_t images);

bool better(const Score& a, const Score& b);

/// The start's score as it would be on images that are new to it. Whoever trained the ANN saw the images that are kept
/// back from the calibration, so that the start is better on them than on others, while trained networks are not. How
/// much better cannot be measured on such images; it is taken to be as much as a trained network is better on what it
/// has seen than on what it has not, in the epoch whose accuracy on seen images is nearest to the start's, less one
/// standard error of that difference: on few images it is mostly chance. Without fits (or epochs), the score as it is.
/// `scores`: of the start, then of every epoch.
Score handicapped_start(const std::vector<Score>& scores);

/// The epoch that is kept after the last of `scores`, the start left out; at least one epoch. The earliest best one: an
/// epoch takes the kept one's place when it is better. With `tied_images`, the number of held-out images, accuracies
/// within one binomial standard error of the highest so far count as equal, so that the cross-entropy decides among
/// them (after the one-standard-error rule of Breiman et al. 1984): for networks whose accuracies differ by chance
/// only.
int best_trained(const std::vector<Score>& scores, std::int64_t tied_images = 0);

/// The epoch to keep: best_trained, or 0, the start with its handicap, if by the same measure that one is no better.
int choose_epoch(const std::vector<Score>& scores, std::int64_t tied_images = 0);

}  // namespace neurocuda::training
