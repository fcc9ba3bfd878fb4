#!/usr/bin/env bash
# check_neuron_sass.sh LIBRARY NVCC: the machine code of the training neurons' kernels. Every kernel exists for sm_80 and
# sm_90 and touches no local memory (no spills, no stack); the PTX for newer devices rounds every product and sum by
# itself (mul.rn, add.rn: nothing may contract them), so that results equal the CPU's. Tools as for check_sass.sh;
# without them: 77, "skipped".
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: $0 LIBRARY NVCC" >&2; exit 2; }
library=$1
kernels=13
root=$(cd "$(dirname "$0")/../.." && pwd)
for folder in "$(dirname "$(readlink -f "$2")")" "$root"/.venv/lib/python3*/site-packages/nvidia/cu*/bin; do
  PATH=$PATH:$folder
done
command -v cuobjdump nvdisasm >/dev/null || { echo "cuobjdump or nvdisasm was not found"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cuobjdump --dump-sass "$library" >"$work/sass" 2>/dev/null
cuobjdump --dump-ptx "$library" >"$work/ptx" 2>/dev/null
cuobjdump --dump-resource-usage "$library" >"$work/usage" 2>/dev/null

for arch in sm_80 sm_90; do
  found=$(awk -v arch=$arch '/code for sm_/ { now = $3 } /Function :.*each_neuron/ && now == arch' "$work/sass" | wc -l)
  echo "$arch: $found kernels"
  [ "$found" -eq $kernels ] || { echo "$arch: not $kernels kernels" >&2; exit 1; }
done
if grep -E "\b(LDL|STL)\b" "$work/sass" || grep -E "(STACK|LOCAL):[1-9]" "$work/usage"; then
  echo "a kernel uses local memory" >&2
  exit 1
fi
if grep -E "\b(fma[a-z.]*|mul|add|sub)\.f32" "$work/ptx"; then
  echo "a product and a sum may be contracted: -fmad=false is missing" >&2
  exit 1
fi
grep -q "mul\.rn\.f32" "$work/ptx" || { echo "no PTX for newer devices" >&2; exit 1; }
