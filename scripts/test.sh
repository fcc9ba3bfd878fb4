#!/usr/bin/env bash
# Builds and runs every check and test: floors, C++ (release), clang-tidy, Python, style and types.
# With --sanitize also the C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer, and under ThreadSanitizer: two
# more builds. The last line is "N passed, N failed".
source "$(dirname "$0")/lib/setup.sh"

sanitize=no
for argument in "$@"; do
  case $argument in
    --sanitize) sanitize=yes ;;
    *) echo "test.sh: no option '$argument'; usage: scripts/test.sh [--sanitize]" >&2; exit 2 ;;
  esac
done

passed=0 failed=0 skipped=0

# Adds the outcomes of a JUnit file to the totals; a run that left none counts as one failure.
count_outcomes() {
  local file=$1 counts
  counts=$(python3 - "$file" <<'PY'
import sys
import xml.etree.ElementTree as tree

try:
    cases = list(tree.parse(sys.argv[1]).iter("testcase"))
except (OSError, tree.ParseError):
    cases = None
if not cases:
    print("0 1 0")
else:
    failed = sum(c.find("failure") is not None or c.find("error") is not None or c.get("status") == "fail" for c in cases)
    skipped = sum(c.find("skipped") is not None or c.get("status") in ("notrun", "disabled") for c in cases)
    print(len(cases) - failed - skipped, failed, skipped)
PY
  )
  read -r p f s <<<"$counts"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

run_ctest() {
  local preset=$1 folder=$2
  rm -f "$folder/ctest.xml"
  ctest --preset "$preset" -j "$(nproc)" --output-junit "$root/$folder/ctest.xml" >"$folder/ctest.log" 2>&1 || true
  grep -E "Failed|\*\*\*|tests passed|Timeout" "$folder/ctest.log" | grep -v "Skipped" || true
  count_outcomes "$folder/ctest.xml"
}

# Half of what they do takes one processor, so two at a time: those of the program, and the others.
run_pytest() {
  local pytest=(.venv/bin/python -m pytest -q -p no:cacheprovider) program
  export NEUROCUDA_BIN=$root/build/bin
  rm -f build/pytest.xml build/pytest-cli.xml
  "${pytest[@]}" tests/cli --junitxml build/pytest-cli.xml >build/pytest-cli.log 2>&1 &
  program=$!
  "${pytest[@]}" tests --ignore tests/cli --junitxml build/pytest.xml || true
  wait "$program" || true
  cat build/pytest-cli.log
  count_outcomes build/pytest.xml
  count_outcomes build/pytest-cli.xml
}

has_the_style() {
  find bench cli include python src tests -name '*.[ch]pp' -o -name '*.cu' -o -name '*.cuh' |
    xargs .venv/bin/clang-format --dry-run --Werror
}

# One outcome: a check passes when it exits with 0.
run_check() {
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

run_sanitized() {
  build_preset "$1"
  run_ctest "$1" "build-$1"
}

stage "what has to be installed" set_up_for_tests
# The quick ones first: they fail before a build does.
stage "floors" run_check scripts/check-floors.py
stage "C++ style" run_check has_the_style
stage "Python style" run_check .venv/bin/ruff check python tests bench examples scripts
stage "Python types" run_check .venv/bin/mypy
stage "build" build_release
stage "clang-tidy" run_check scripts/tidy.sh
[ ! -e scripts/check-node-visits.sh ] || stage "visits of Program nodes" run_check scripts/check-node-visits.sh
stage "C++ tests" run_ctest release build
stage "Python and command-line tests" run_pytest
if [ "$sanitize" = yes ]; then
  stage "C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer" run_sanitized asan
  stage "C++ tests under ThreadSanitizer" run_sanitized tsan
fi

[ "$skipped" -eq 0 ] || echo "$skipped skipped (a target or tool that this machine does not have)"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
