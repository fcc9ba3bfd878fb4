#!/bin/sh
# check_runtime_links.sh PROGRAM_OR_LIBRARY...: fails when one of them loads libtorch, HDF5, protobuf or ONNX.
set -eu
[ $# -gt 0 ] || { echo "usage: $0 FILE..." >&2; exit 2; }
for file in "$@"; do
  libraries=$(ldd "$file")
  echo "$file:"
  echo "$libraries"
  if echo "$libraries" | grep -Ei 'torch|libc10|hdf5|protobuf|onnx|not found'; then
    echo "$file loads a library that the runtime must not need" >&2
    exit 1
  fi
  echo "$libraries" | grep -q 'libc\.' || { echo "$file: ldd shows no libraries at all" >&2; exit 1; }
done
