#!/usr/bin/env bash
# Unpacks the libraries that the build needs into a folder, for a GPU machine without a network: run it on an ordinary
# Debian or Ubuntu machine that has them (scripts/quickstart.sh installs them), then copy the folder along.
#
#   scripts/gpu-deps.sh [FOLDER]     default gpu-deps, under 64 MB
#
# scripts/gpu.sh finds it there. torch, cmake, ninja, nanobind and nvcc are expected on the GPU machine.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:-$root/gpu-deps}
triplet=$(gcc -print-multiarch)

# What is compiled and linked against. What those libraries load in turn is found below.
packages=(
  libfmt-dev libspdlog-dev nlohmann-json3-dev libcli11-dev zlib1g-dev libpng-dev libturbojpeg0-dev libzip-dev
  libhdf5-dev libonnx-dev libprotobuf-dev libgtest-dev libgmock-dev libbenchmark-dev
)

# The shared library behind each -dev package, from its own dependencies.
runtime_packages() {
  dpkg-query -W -f='${Depends}\n' "${packages[@]}" | tr ',|' '\n\n' | sed 's/(.*//; s/:any//; s/ //g' |
    grep -E '^(libfmt|libspdlog|libhdf5-[0-9]|libonnx|libprotobuf[0-9]|libprotobuf-lite|zlib1g|libpng16|libturbojpeg0|libzip[0-9]|libbenchmark|libgtest|googletest)' |
    grep -v -- '-dev$' | sort -u
}

unpack() {
  local work
  work=$(mktemp -d)
  (cd "$work" && apt-get download -q "$@" >/dev/null)
  for archive in "$work"/*.deb; do dpkg -x "$archive" "$folder"; done
  rm -rf "$work"
}

# Every shared library that the unpacked ones load, except those that any machine with a compiler has.
copy_what_they_load() {
  local libraries=$folder/usr/lib/$triplet
  find "$libraries" -name '*.so*' -type f -exec ldd {} + 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
    grep -vE '/(ld-linux|libc|libm|libdl|librt|libpthread|libresolv|libstdc\+\+|libgcc_s|libgomp|libmvec)[-.]' |
    while read -r library; do
      [ -e "$libraries/$(basename "$library")" ] || cp -L "$library" "$libraries/"
    done
}

# CMake's module asks HDF5's compiler wrapper, which names folders of the machine it was installed on; without the wrapper
# it looks below HDF5_ROOT.
arrange_hdf5() {
  mkdir -p "$folder/hdf5"
  rm -rf "$folder/hdf5/include" "$folder/hdf5/lib"
  cp -r "$folder/usr/include/hdf5/serial" "$folder/hdf5/include"
  mkdir "$folder/hdf5/lib"
  cp -L "$folder/usr/lib/$triplet/hdf5/serial/libhdf5.so" "$folder/hdf5/lib/"
  rm -rf "$folder"/usr/include/hdf5 "$folder/usr/lib/$triplet/hdf5"
}

remove_what_nobody_needs() {
  rm -rf "$folder"/usr/share/doc "$folder"/usr/share/man "$folder"/usr/share/lintian "$folder"/usr/bin "$folder"/usr/src \
    "$folder"/etc "$folder"/usr/share/googletest
  find "$folder" \( -name 'libproto*.a' -o -name 'libonnx*.a' -o -name 'libhdf5*.a' -o -name 'libspdlog.a' \
    -o -name 'libfmt.a' -o -name 'libz.a' \) -delete
}

rm -rf "$folder"
mkdir -p "$folder"
mapfile -t behind < <(runtime_packages)
unpack "${packages[@]}" "${behind[@]}"
remove_what_nobody_needs
arrange_hdf5
copy_what_they_load
size=$(du -sm "$folder" | cut -f1)
echo "$folder: $size MB (${packages[*]} ${behind[*]})"
[ "$size" -lt 64 ] || { echo "$folder is larger than 64 MB" >&2; exit 1; }
