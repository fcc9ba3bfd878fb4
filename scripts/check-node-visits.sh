#!/usr/bin/env bash
# What has to be written for a new kind of Program node? A scratch copy of the sources gets one more kind, and whatever
# does not compile for want of it is the answer: it must be the list in CONTRIBUTING.md ("Add a Program node"), no more
# and no less. Only syntax is checked, so this takes about a minute on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
compiler=${CXX:-g++}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

section() { awk '/^#+ /{inside = /^#+ Add a Program node/} inside' CONTRIBUTING.md; }
section | grep -oE '^[-*] `[^`]+`' | sed 's/^[-*] `//; s/`$//' | sort >"$scratch/listed"
[[ -s $scratch/listed ]] || { echo "CONTRIBUTING.md has no list of files below 'Add a Program node'" >&2; exit 1; }

cp -r include src cli python tests "$scratch/"
header=$scratch/include/neurocuda/program/program.hpp
sed -i -E 's/^using NodeKind = std::variant<(.*)>;$/struct ScratchKind {\n  bool operator==(const ScratchKind\&) const = default;\n};\nusing NodeKind = std::variant<\1, ScratchKind>;/' "$header"
grep -q ', ScratchKind>;' "$header" || { echo "NodeKind in program.hpp is not where this script looks for it" >&2; exit 1; }

# Every source of the parts that know Programs, but for HDF5's wrapper. Of the rest (libtorch, nanobind, CLI11: slow to
# read) and of the headers what visits kinds.
candidates() {
  local known='src/(program|compiler|nir|runtime|metrics|verify)/.*\.cpp'
  find src -regextype posix-extended -regex "$known" ! -path '*/cuda/*' ! -path 'src/nir/hdf5/*'
  find include src cli python tests/support tests/conformance tests/tools -regextype posix-extended \
    -regex '.*\.[ch]pp' ! -regex "$known" ! -path '*/node_traits.hpp' \
    -exec grep -lE 'visit_kind\(|for_each_kind\(|[.>]kind\b' {} + | xargs grep -lE 'visit|for_each_kind'
  cat "$scratch/listed"
}

# One precompiled header for all: most of the time goes into reading the standard library.
cat >"$scratch/common.hpp" <<'HEADER'
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>
#include "neurocuda/base/error.hpp"
#include "neurocuda/program/bounds.hpp"
HEADER
flags=(-std=c++20 -w -Iinclude -Isrc -I. -Itests)
(cd "$scratch" && "$compiler" "${flags[@]}" -x c++-header common.hpp -o common.hpp.gch)

check() { # FILE: "compiles FILE", "wants FILE" or "fails FILE" with the reason
  local messages
  if messages=$("$compiler" "${flags[@]}" -include common.hpp -fsyntax-only -x c++ "$1" 2>&1); then
    echo "compiles $1"
  elif grep -q ScratchKind <<<"$messages"; then
    echo "wants $1"
  else
    echo "fails $1: $(grep -m1 error <<<"$messages")"
  fi
}
export -f check
export compiler
flags_text="${flags[*]}"
(cd "$scratch" && candidates | sort -u | xargs -P "$(nproc)" -I{} bash -c "flags=($flags_text); check {}") >"$scratch/results"

status=0
complain() { echo "$1" >&2; status=1; }
while read -r verdict file rest; do
  file=${file%:}
  listed=no
  if grep -qxF "$file" "$scratch/listed"; then listed=yes; fi
  case $verdict-$listed in
    wants-no) complain "$file does not compile without the new kind, but CONTRIBUTING.md does not list it" ;;
    compiles-yes) complain "$file compiles although it does not handle the new kind: CONTRIBUTING.md lists it" ;;
    fails-*) complain "$file does not compile for another reason: $rest" ;;
  esac
done < <(sort "$scratch/results")
echo "$(grep -c . "$scratch/listed") places have to handle a new kind of Program node, $(grep -c . "$scratch/results") files looked at"
exit $status
