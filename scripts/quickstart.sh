#!/usr/bin/env bash
# Builds the program and the Python package on a fresh Debian or Ubuntu machine, then runs the whole pipeline on the
# bundled digits. The tests, and without a GPU its kernels, are left to scripts/test.sh.
source "$(dirname "$0")/lib/setup.sh"

stage "what has to be installed" set_up
stage "build" build_what_users_run
stage "demo" build/bin/neurocuda demo --out out/demo "$@"
