#!/usr/bin/env bash
# Fuzzes every parser with libFuzzer under AddressSanitizer and UndefinedBehaviorSanitizer (needs clang, which is installed).
# Usage: scripts/fuzz.sh [SECONDS per parser; 60] [PARSER...]
# Corpora are kept in build-fuzz/corpus/, inputs that broke something in build-fuzz/broken/.
source "$(dirname "$0")/lib/setup.sh"

seconds=${1:-60}
parsers=("${@:2}")
[ ${#parsers[@]} -gt 0 ] || parsers=(data onnx nir)
packages+=(clang)
# Where the sanitizers' runtimes are a package of their own.
! apt-cache show libclang-rt-dev >/dev/null 2>&1 || packages+=(libclang-rt-dev)
install_packages
build_preset fuzz

broken=0
mkdir -p build-fuzz/broken
for parser in "${parsers[@]}"; do
  corpus=build-fuzz/corpus/$parser
  "build-fuzz/bin/seeds_$parser" "$corpus"
  echo "== $parser"
  "build-fuzz/bin/fuzz_$parser" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=131072 -print_final_stats=1 \
    -artifact_prefix="build-fuzz/broken/$parser-" "$corpus" 2>"build-fuzz/$parser.log" || broken=$((broken + 1))
  grep -E "^(stat::number_of_executed_units|stat::peak_rss|SUMMARY|==.*ERROR|Test unit)" "build-fuzz/$parser.log" || true
done
echo "$broken of ${#parsers[@]} parsers broken"
[ "$broken" -eq 0 ]
