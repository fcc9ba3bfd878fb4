#!/usr/bin/env bash
# check_sass.sh LIBRARY NVCC: the machine code of the gpu target. For sm_80 and sm_90 every variant of the fused kernels must
# use the int8 tensor cores (IMMA) and touch no local memory: no spills, no stack. Needs cuobjdump and nvdisasm, on the
# path, beside nvcc or in .venv (pip install nvidia-cuda-cuobjdump nvidia-cuda-nvdisasm); without them: 77, "skipped".
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: $0 LIBRARY NVCC" >&2; exit 2; }
library=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
for folder in "$(dirname "$(readlink -f "$2")")" "$root"/.venv/lib/python3*/site-packages/nvidia/cu*/bin; do
  PATH=$PATH:$folder
done
command -v cuobjdump nvdisasm >/dev/null || { echo "cuobjdump or nvdisasm was not found"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cuobjdump --dump-sass "$library" >"$work/sass" 2>/dev/null
cuobjdump --dump-resource-usage "$library" >"$work/usage" 2>/dev/null

# One line per fused kernel: architecture, name, tensor-core instructions, local-memory instructions.
awk '
  /code for sm_/ { arch = $3 }
  /Function :/ { name = $3; if (name ~ /fused_layer|time_batched_layer/) kernels[arch " " name] = 1 }
  name ~ /fused_layer|time_batched_layer/ && /IMMA/ { imma[arch " " name]++ }
  name ~ /fused_layer|time_batched_layer/ && /(LDL|STL)/ { local[arch " " name]++ }
  END { for (k in kernels) print k, imma[k] + 0, local[k] + 0 }
' "$work/sass" | sort | tee "$work/kernels"

for arch in sm_80 sm_90; do
  for kernel in fused_layer:6 time_batched_layer:3; do
    found=$(grep -c "^$arch .*${kernel%:*}" "$work/kernels" || true)
    [ "$found" -eq "${kernel#*:}" ] || { echo "$arch: $found variants of ${kernel%:*}, not ${kernel#*:}" >&2; exit 1; }
  done
done
if awk '$3 == 0 || $4 != 0 { bad = 1 } END { exit !bad }' "$work/kernels"; then
  echo "a fused kernel has no IMMA instruction, or it uses local memory" >&2
  exit 1
fi
if grep -A1 -E "fused_layer|time_batched_layer" "$work/usage" | grep -E "STACK:[1-9]|LOCAL:[1-9]"; then
  echo "a fused kernel has a stack" >&2
  exit 1
fi
