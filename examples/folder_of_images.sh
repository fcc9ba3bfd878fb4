#!/usr/bin/env bash
# A folder of PNGs and an ONNX file, on the command line alone:
#
#   examples/folder_of_images.sh PHOTOS ANN.onnx OUT
#
# PHOTOS has one folder of images for each class (PHOTOS/cat/*.png, ...), or PHOTOS/train and PHOTOS/test with those in
# them. Without ANN.onnx ("-") a small network is trained on them first. OUT gets snn.nir and report.html.
# Settings: NEUROCUDA (build/bin/neurocuda), SIZE (32: images become SIZE x SIZE), T (8), EPOCHS (20).
set -euo pipefail
[ $# -eq 3 ] || { echo "usage: $0 PHOTOS ANN.onnx|- OUT" >&2; exit 2; }
photos=$1 ann=$2 out=$3
neurocuda=${NEUROCUDA:-build/bin/neurocuda}
size=${SIZE:-32}
mkdir -p "$out"

if [ "$ann" = - ]; then
  ann=$out/ann.onnx
  "$neurocuda" train --arch digits_resnet --data "$photos" --resize "$size" --crop "$size" --epochs "${EPOCHS:-20}" -o "$ann"
fi
"$neurocuda" doctor "$ann"                                  # would it convert? what would be approximate?
"$neurocuda" convert "$ann" --data "$photos" -T "${T:-8}" --epochs "${EPOCHS:-20}" -o "$out/snn.nir" --report "$out/report.html"
"$neurocuda" verify "$out/snn.nir" --data "$photos" --targets reference,cpu --images 20   # every spike the same?
