#!/usr/bin/env bash
# Builds everything on a fresh Debian or Ubuntu machine, then runs the whole pipeline on the bundled digits.
source "$(dirname "$0")/lib/setup.sh"

set_up
build_release
build/bin/neurocuda demo --out out/demo "$@"
