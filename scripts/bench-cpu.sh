#!/usr/bin/env bash
# Measures the cpu target: layer by layer, and ResNet-18 beside the ANN in PyTorch and beside SpikingJelly and snnTorch,
# in one run (bench/bench_layers.cpp, bench/compare_cpu.py). Half an hour; nothing else should run meanwhile.
#
#   scripts/bench-cpu.sh [--machine A] [--rounds 3] [--network SNN.nir ... --data DIR]
#
# The simulators go into .venv-bench, beside .venv, whose packages it sees.
source "$(dirname "$0")/lib/setup.sh"

stage "what has to be installed" set_up_for_tests
stage "build" build_release
if [ ! -x .venv-bench/bin/python ]; then
  python3 -m venv .venv-bench
  .venv-bench/bin/python -m pip install -q --no-deps spikingjelly==2.0.0 snntorch==1.0.0
  .venv-bench/bin/python -m pip install -q loguru einops matplotlib
  .venv/bin/python -c "import sysconfig; print(sysconfig.get_path('platlib'))" >"$(.venv-bench/bin/python -c \
    "import sysconfig; print(sysconfig.get_path('platlib'))")/neurocuda-venv.pth"
fi
machine=A
for ((i = 1; i < $#; ++i)); do
  if [ "${!i}" = --machine ]; then j=$((i + 1)) machine=${!j}; fi
done
layers=$(mktemp)
trap 'rm -f "$layers"' EXIT
stage "layers" build/bin/bench_layers --benchmark_min_time=0.1 --benchmark_out="$layers" --benchmark_out_format=json
.venv/bin/python bench/layers_table.py "$layers" --machine "$machine"
stage "networks" .venv-bench/bin/python bench/compare_cpu.py "$@"
scripts/make-benchmarks.py
