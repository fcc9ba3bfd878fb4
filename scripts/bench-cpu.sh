#!/usr/bin/env bash
# Measures the cpu target beside the ANN in PyTorch and beside SpikingJelly and snnTorch, in one run: bench/compare_cpu.py.
# The simulators go into .venv-bench, beside .venv, whose packages it sees.
source "$(dirname "$0")/lib/setup.sh"

stage "what has to be installed" set_up
stage "build" build_what_users_run
if [ ! -x .venv-bench/bin/python ]; then
  python3 -m venv .venv-bench
  .venv-bench/bin/python -m pip install -q --no-deps spikingjelly==2.0.0 snntorch==1.0.0
  .venv-bench/bin/python -m pip install -q loguru einops
  .venv/bin/python -c "import sysconfig; print(sysconfig.get_path('platlib'))" >"$(.venv-bench/bin/python -c \
    "import sysconfig; print(sysconfig.get_path('platlib'))")/neurocuda-venv.pth"
fi
.venv-bench/bin/python bench/compare_cpu.py "$@"
scripts/make-benchmarks.py
