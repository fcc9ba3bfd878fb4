#include "cli/conversion_options.hpp"

#include "cli/data_source.hpp"

namespace neurocuda::cli {
namespace {

void add_calibration(CLI::App& app, conversion::CalibrateOptions& calibrate) {
  app.add_option("--epochs", calibrate.epochs, "Epochs of QCFS calibration; 0: percentile start only")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  app.add_option("--lr", calibrate.learning_rate, "Peak learning rate of the calibration")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  app.add_option("--lambda-lr", calibrate.lambda_learning_rate, "Peak learning rate of the thresholds")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  app.add_option("--percentile", calibrate.percentile, "Of each channel's activations: where its threshold starts")
      ->check(CLI::Range(50.0, 100.0))
      ->capture_default_str();
  app.add_option("--batch-size", calibrate.batch_size, "Images per batch")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--held-out", calibrate.held_out,
                 "Share of the calibration images that no stage is trained on: they choose epochs and rounds")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  app.add_option(
         "--mixup", calibrate.mixup,
         "Mix the images of a batch, and their labels, by shares from Beta(A, A), in calibration and fine-tuning")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option(
         "--cutmix", calibrate.cutmix,
         "Replace a box of each image by another image's, its share from Beta(A, A), and of its label likewise, "
         "in calibration and fine-tuning; with --mixup each batch takes one of both")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--plain-epochs", calibrate.plain_epochs,
                 "Last epochs, of calibration and of fine-tuning each, whose images are not mixed")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  app.add_flag("--freeze-weights", calibrate.freeze_weights,
               "Train only batch norms, biases, thresholds and v0, in calibration and fine-tuning");
  app.add_option("--average", calibrate.average,
                 "Score and keep a moving average of the weights with this decay per step, in calibration and "
                 "fine-tuning; 0: the weights themselves")
      ->check(CLI::Range(0.0, 0.99999))
      ->capture_default_str();
  app.add_option(
         "--label-weight", calibrate.label_weight,
         "Weight of the cross-entropy with the labels, in calibration and fine-tuning; 0: the ANN alone teaches")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  app.add_option("--distillation", calibrate.distillation,
                 "Weight of KL(ANN || QCFS), its probabilities at temperature 3")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
}

void add_tuning(CLI::App& app, ConversionOptions& options) {
  auto& finetune = options.convert.finetune;
  app.add_option("--tune", options.tuning,
                 "Fine-tuning at T: bptt (through time), rate, none; auto: bptt up to T = 16, none with --epochs 0")
      ->check(CLI::IsMember({"auto", "none", "rate", "bptt"}))
      ->capture_default_str();
  app.add_option("--tune-epochs", finetune.epochs, "Epochs of fine-tuning")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  app.add_option("--tune-images", finetune.epoch_images, "Images of one such epoch, drawn anew for each; 0: all")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  app.add_option("--tune-lr", finetune.learning_rate, "Peak learning rate of the fine-tuning")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  app.add_option("--tune-per-timestep", finetune.per_timestep,
                 "bptt: share of the loss that every timestep bears alone; their mean bears the rest")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--tune-distillation", options.convert.tune_distillation,
                 "Weight of KL(ANN || SNN); unless given: 3 with bptt, else 0.5")
      ->check(CLI::Range(0.0, 1000.0));
  app.add_option("--tune-rates", options.convert.rate_matching,
                 "Weight of the error of every layer's rates against the calibrated activations; unless given: 10 with "
                 "bptt, else 0")
      ->check(CLI::Range(0.0, 1000.0));
  app.add_option("--noise", options.convert.calibrate.noise,
                 "Noise behind QCFS, as a fraction of the unevenness that T timesteps show")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  app.add_option("--synop-weight", options.synop_weight, "Weight of the synaptic operations in the loss")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
}

}  // namespace

void add_conversion(CLI::App& app, ConversionOptions& options) {
  auto& convert = options.convert;
  app.add_option("--levels", convert.levels, "Levels L of QCFS; 0: chosen from the timesteps")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  add_calibration(app, convert.calibrate);
  add_tuning(app, options);
  app.add_option("--correction-rounds", convert.correction.rounds,
                 "Rounds of bias correction for T, the best of which is kept; 0: none")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  app.add_option("--calibration-images", options.calibration_images, "Training images, drawn by the seed; 0: all")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  app.add_option("--weight-bits", convert.lower.weight_bits, "Bits of a weight")
      ->check(CLI::Range(2, 8))
      ->capture_default_str();
  app.add_option("--input-bits", convert.lower.input_bits, "Bits of an input pixel")
      ->check(CLI::Range(2, 8))
      ->capture_default_str();
  app.add_flag("--float-weights", options.float_weights,
               "Calibrate with float weights instead of those of the integer grid");
  add_mode(app, options.mode);
  add_device(app, options.device);
  add_bf16(app, convert.compute.bf16);
}

conversion::ConvertOptions convert_options(const ConversionOptions& options, const CommonOptions& common, int timesteps,
                                           const data::Dataset& calibration) {
  conversion::ConvertOptions result = options.convert;
  result.timesteps = timesteps;
  result.mode = program::mode_named(options.mode);
  result.seed = common.seed;
  result.compute.device = options.device;
  result.compute.threads = common.threads;
  result.lower.timesteps = timesteps;
  auto& calibrate = result.calibrate;
  calibrate.levels = result.levels > 0 ? result.levels : conversion::default_levels(timesteps);
  calibrate.weight_bits = result.lower.weight_bits;
  calibrate.input_bits = result.lower.input_bits;
  calibrate.quantize_weights = !options.float_weights;
  calibrate.augmentation = usual_augmentation(calibration);
  calibrate.seed = common.seed;
  calibrate.compute = result.compute;
  calibrate.synop_weight = options.synop_weight;
  if (options.tuning != "auto") result.gradient = conversion::gradient_named(options.tuning);
  auto& finetune = result.finetune;
  finetune.batch_size = calibrate.batch_size;
  finetune.weight_decay = calibrate.weight_decay;
  finetune.synop_weight = options.synop_weight;
  finetune.quantize_weights = calibrate.quantize_weights;
  finetune.augmentation = calibrate.augmentation;
  finetune.mixup = calibrate.mixup;
  finetune.cutmix = calibrate.cutmix;
  finetune.plain_epochs = calibrate.plain_epochs;
  finetune.held_out = calibrate.held_out;
  finetune.freeze_weights = calibrate.freeze_weights;
  finetune.average = calibrate.average;
  finetune.label_weight = calibrate.label_weight;
  return result;
}

}  // namespace neurocuda::cli
