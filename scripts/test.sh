#!/usr/bin/env bash
# Builds and runs every test: C++ (release), the same under AddressSanitizer and UndefinedBehaviorSanitizer, Python.
# The last line is "N passed, N failed". SANITIZERS=0 leaves the sanitizer build out.
source "$(dirname "$0")/lib/setup.sh"

set_up
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

run_pytest() {
  rm -f build/pytest.xml
  NEUROCUDA_BIN="$root/build/bin" .venv/bin/python -m pytest -q -p no:cacheprovider tests --junitxml build/pytest.xml || true
  count_outcomes build/pytest.xml
}

has_the_style() {
  find bench cli include python src tests -name '*.[ch]pp' -o -name '*.cu' -o -name '*.cuh' |
    xargs .venv/bin/clang-format --dry-run --Werror
}

# One outcome: a check passes when it exits with 0.
run_check() {
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

build_release
echo "== C++ tests"
run_ctest release build
echo "== Python and command-line tests"
run_pytest
echo "== C++: style"
run_check has_the_style
echo "== Python: style and types"
run_check .venv/bin/ruff check python tests bench examples
run_check .venv/bin/mypy
if [ "${SANITIZERS:-1}" = 1 ]; then
  build_preset asan
  echo "== C++ tests under sanitizers"
  run_ctest asan build-asan
fi

[ "$skipped" -eq 0 ] || echo "$skipped skipped (a target or tool that this machine does not have)"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
