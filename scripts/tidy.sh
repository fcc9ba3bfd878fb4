#!/usr/bin/env bash
# Runs clang-tidy, with the checks of .clang-tidy, over src/, cli/ and python/ on every core. Every finding is an error.
#
#   scripts/tidy.sh                 what includes no heavy library; needs build/ to be configured
#   scripts/tidy.sh --all           the rest too, for a change to it
#   scripts/tidy.sh FILE...         only these
#
# What passed is not looked at again until it changes (tidy-cache/ in the build folder).
# Left out: files that include libtorch, nlohmann-json, CLI11 or nanobind, for their time (up to 45 s of a processor each,
# most of it for those headers; 3 s without);
# CUDA sources, which clang does not compile as nvcc does; tests, whose macros expand to code that nobody would write.
#
# clang-tidy comes from PyPI, as clang-format does: a file without libtorch takes this version 3 s where Debian's 14 takes 16;
# in one text with others, half a second.
# Settings: CLANG_TIDY (.venv/bin/clang-tidy), NEUROCUDA_BUILD (build).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${NEUROCUDA_BUILD:-build}
[ -f "$build/compile_commands.json" ] || { echo "tidy.sh: $build/ is not configured; run cmake --preset release" >&2; exit 2; }
if grep -qs "NEUROCUDA_UNITY:BOOL=ON" "$build/CMakeCache.txt"; then
  # That build compiles several files at a time; clang-tidy needs a command for each.
  mkdir -p "$build/tidy"
  cmake --preset release -B "$build/tidy" -DNEUROCUDA_UNITY=OFF -DNEUROCUDA_TESTS=OFF >"$build/tidy/configure.log" 2>&1 ||
    { cat "$build/tidy/configure.log" >&2; exit 2; }
  build=$build/tidy
fi
exec python3 scripts/lib/tidy.py --clang-tidy "${CLANG_TIDY:-.venv/bin/clang-tidy}" --build "$build" "$@"
