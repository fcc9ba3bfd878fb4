#!/usr/bin/env bash
# Everything that wants a GPU, in stages that can be run one by one and resumed; each stays under nine minutes.
#
#   scripts/gpu.sh STAGE...          or: scripts/gpu.sh all
#
#   build     configures and builds in build-gpu, against gpu-deps/ where scripts/gpu-deps.sh left it
#   test      conformance on the GPU, the fused kernel's machine code, then 10^9 neuron-timesteps against cpu
#   sanitize  compute-sanitizer (memcheck, racecheck) on small shapes, where it works
#   bench     speed: this program, SpikingJelly, snnTorch, the fp16 ANN, int8 peak and bandwidth in one run
#   train     ResNet-18 on CIFAR-10: call again until it says that it is finished
#   convert   the trained ANN to T = 4, 8, 32, fine-tuning included
#   sweep     accuracy for T = 1..32, converted anew for each T: call again until it says that it is finished
#   collect   JSON results, int8 .nir and fp16 ANN weights into $NEUROCUDA_RESULTS/collected, in files under 16 MB
#
# Needs no network. Expects torch, cmake, ninja and nvcc. Settings, with their defaults:
#   NEUROCUDA_DATA=data-cache/cifar10   CIFAR-10 in its binary layout; made by prepare_cifar10.py where that is found in
#                                       shared/data or ../shared/data (needs Pillow)
#   NEUROCUDA_CALIBRATION_EPOCHS=30                         epochs of QCFS
#   NEUROCUDA_EPOCHS=100  NEUROCUDA_SEEDS="0"  NEUROCUDA_DEVICE=0  NEUROCUDA_RESULTS=out/gpu
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
build=$root/build-gpu
results=${NEUROCUDA_RESULTS:-$root/out/gpu}
data=${NEUROCUDA_DATA:-$root/data-cache/cifar10}
device=${NEUROCUDA_DEVICE:-0}
epochs=${NEUROCUDA_EPOCHS:-100}
calibration=${NEUROCUDA_CALIBRATION_EPOCHS:-30}
read -r -a seeds <<<"${NEUROCUDA_SEEDS:-0}"
budget=500   # seconds that a stage may take before it stops and asks to be called again
started=$SECONDS
mkdir -p "$results"

nc() { "$build/bin/neurocuda" "$@"; }
time_is_up() { [ $((SECONDS - started)) -gt "$budget" ]; }
# once NAME COMMAND...: the command, unless an earlier call of this script finished it.
once() {
  local mark=$results/.done-$1
  shift
  [ -e "$mark" ] || { "$@" && touch "$mark"; }
}
# The longest time that the running stage has left.
remaining() { echo $((budget + 30 - (SECONDS - started))); }

need_gpu() {
  nc backends --json "$results/backends.json" >/dev/null
  python3 - "$results/backends.json" <<'PY'
import json, sys
gpu = next(b for b in json.load(open(sys.argv[1]))["backends"] if b["target"] == "gpu")
sys.exit(0 if gpu["available"] else "gpu.sh: " + gpu["remedy"])
PY
}

configure() {
  local options=(-G Ninja -B "$build" -DCMAKE_BUILD_TYPE=Release -DNEUROCUDA_CUDA=ON -DNEUROCUDA_BENCH=ON "$@")
  local deps=$root/gpu-deps
  if [ -d "$deps" ]; then
    local libraries
    libraries=$(dirname "$(find "$deps/usr/lib" -name 'libfmt.so*' | head -1)")
    # Old-style run paths hold for the libraries that our libraries load, too.
    local link="-Wl,--disable-new-dtags,-rpath,$libraries,-rpath-link,$libraries"
    options+=("-DCMAKE_PREFIX_PATH=$deps/usr" "-DHDF5_ROOT=$deps/hdf5" "-DCMAKE_EXE_LINKER_FLAGS=$link"
              "-DCMAKE_SHARED_LINKER_FLAGS=$link" "-DCMAKE_LIBRARY_PATH=$libraries")
  fi
  cmake "${options[@]}"
}

stage_build() {
  # A libtorch built for CUDA asks CMake for a full toolkit; where that is missing, everything but training and the
  # command line can still be built and measured.
  configure || { echo "gpu.sh: without libtorch"; rm -rf "$build"; configure -DNEUROCUDA_TORCH=OFF; }
  timeout "$(remaining)" cmake --build "$build" || { echo "gpu.sh: build: call again to go on"; return 1; }
}

stage_test() {
  "$build/bin/test_runtime" --gtest_brief=1
  "$build/bin/test_conformance" --gtest_brief=1
  (cd "$build" && ctest -R machine_code --output-on-failure)
  # The neurons and batches of training, against their CPU versions; not there without libtorch.
  local part
  for part in neurons training; do
    [ ! -x "$build/bin/test_$part" ] || "$build/bin/test_$part" --gtest_brief=1 --gtest_filter='*Gpu*:*Batches*'
  done
  "$build/bin/gpu_against_cpu" --device "$device" --comparisons 1000000000 | tee "$results/comparisons.txt"
}

stage_sanitize() {
  command -v compute-sanitizer >/dev/null || { echo "gpu.sh: compute-sanitizer is not installed: left out"; return; }
  for tool in memcheck racecheck; do
    timeout 200 compute-sanitizer --tool "$tool" --error-exitcode 9 "$build/bin/gpu_against_cpu" --device "$device" \
      --comparisons 100000 --small | tee "$results/sanitizer-$tool.txt"
  done
}

stage_bench() {
  timeout "$(remaining)" python3 bench/compare_gpu.py --build "$build" --device "$device" --json "$results/bench.json"
}

# The images of the copy went through JPEG: the name says so in every figure.
prepare_data() {
  rm -rf "$data.part"
  python3 "$1/prepare_cifar10.py" "$data.part"
  echo "CIFAR-10 (JPEG q75)" >"$data.part/cifar-10-batches-bin/name.txt"
  mv "$data.part" "$data"
}

need_data() {
  local folder
  for folder in "$root/shared/data" "$root/../shared/data"; do
    if [ ! -d "$data" ] && [ -f "$folder/prepare_cifar10.py" ]; then prepare_data "$folder"; fi
  done
  [ -d "$data" ] || { echo "gpu.sh: no CIFAR-10 at $data: set NEUROCUDA_DATA to a folder in its binary layout" >&2; exit 2; }
}

# again STAGE: the time is up, or a command was cut short; it goes on where it stopped.
again() { echo "gpu.sh: $1: call again to go on"; return 1; }

stage_train() {
  need_gpu
  need_data
  for seed in "${seeds[@]}"; do
    once "train-$seed" timeout -s INT "$(remaining)" "$build/bin/neurocuda" train --arch resnet18 --data "$data" \
      --epochs "$epochs" --seed "$seed" --device "cuda:$device" --bf16 --resume -o "$results/ann-$seed.onnx" \
      --json "$results/train-$seed.json" || again train
  done
  echo "gpu.sh: train: finished"
}

# convert_one SEED T: the ANN becomes snn-SEED-T.nir, calibrated and fine-tuned for T.
convert_one() {
  once "convert-$1-$2" timeout -s INT "$(remaining)" "$build/bin/neurocuda" convert "$results/ann-$1.onnx" --data "$data" \
    -T "$2" --seed "$1" --device "cuda:$device" --bf16 --epochs "$calibration" --resume -o "$results/snn-$1-$2.nir" --json "$results/convert-$1-$2.json"
}

stage_convert() {
  need_gpu
  need_data
  for seed in "${seeds[@]}"; do
    for timesteps in 4 8 32; do
      { ! time_is_up && convert_one "$seed" "$timesteps"; } || again convert
    done
  done
  echo "gpu.sh: convert: finished"
}

stage_sweep() {
  need_gpu
  need_data
  for seed in "${seeds[@]}"; do
    for timesteps in 1 2 4 8 16 32; do
      { ! time_is_up && convert_one "$seed" "$timesteps" && once "sweep-$seed-$timesteps" nc eval \
        "$results/snn-$seed-$timesteps.nir" --data "$data" --target gpu --device "$device" --batch-size 512 \
        --json "$results/eval-$seed-$timesteps.json"; } || again sweep
    done
  done
  echo "gpu.sh: sweep: finished"
}

# The ANN's weights as float16, half the size of the .onnx.
save_fp16() {
  python3 - "$1" "$2" <<'PY'
import sys
import numpy
import onnx
from onnx import numpy_helper

weights = {w.name: numpy_helper.to_array(w) for w in onnx.load(sys.argv[1]).graph.initializer}
numpy.savez(sys.argv[2], **{name: w.astype(numpy.float16) if w.dtype == numpy.float32 else w for name, w in weights.items()})
PY
}

# What is worth keeping, in $results/collected; `cat NAME.part-*` puts a cut file together again.
stage_collect() {
  local folder=$results/collected
  rm -rf "$folder" && mkdir "$folder"
  { nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || echo "no nvidia-smi"
    nvcc --version | tail -2; git rev-parse HEAD || true; } >"$folder/machine.txt" 2>/dev/null
  for ann in "$results"/ann-*.onnx; do
    [ ! -e "$ann" ] || save_fp16 "$ann" "$folder/$(basename "$ann" .onnx).fp16.npz"
  done
  find "$results" -maxdepth 1 -type f \( -name '*.json' -o -name '*.txt' -o -name '*.nir' \) -exec cp {} "$folder" \;
  find "$folder" -type f -size +15M | while read -r file; do
    split -b 15M "$file" "$file.part-" && rm "$file"
  done
  ls -l "$folder"
}

[ $# -gt 0 ] || { sed -n '2,/^set /p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//' >&2; exit 2; }
stages=("$@")
[ "$1" != all ] || stages=(build test sanitize bench train convert sweep collect)
for stage in "${stages[@]}"; do
  declare -F "stage_$stage" >/dev/null || { echo "gpu.sh: no stage '$stage'" >&2; exit 2; }
  started=$SECONDS
  echo "== $stage"
  "stage_$stage"
done
