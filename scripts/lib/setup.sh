# Sourced by the scripts: installs what is missing, configures and builds. Safe to run any number of times.
# Needs Debian or Ubuntu with apt and pip; uses sudo when not root.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

packages=(
  build-essential cmake ninja-build ccache python3 python3-venv python3-dev
  libfmt-dev libspdlog-dev nlohmann-json3-dev libcli11-dev
  libpng-dev libturbojpeg0-dev libzip-dev
  libhdf5-dev zlib1g-dev libonnx-dev libprotobuf-dev protobuf-compiler
)
# For the tests: chromium shows them the report pages.
test_packages=(libgtest-dev libgmock-dev libbenchmark-dev chromium)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

is_installed() {
  dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q "install ok installed"
}

# install_packages PACKAGE...: those that are not there yet.
install_packages() {
  local missing=() package
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  echo "== installing ${missing[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# make_python_environment [requirements.txt|requirements-test.txt]: .venv with what that file names.
make_python_environment() {
  local file=scripts/$1 stamp=.venv/neurocuda-$1 wanted
  wanted=$(cat scripts/requirements.txt "$file")
  if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
  echo "== installing $1 into .venv"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python -m pip install -q -r "$file"
  echo "$wanted" >"$stamp"
}

# The same sources in another folder hit the same cache; the precompiled header of libtorch is cached too.
use_compiler_cache() {
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
}

# build_preset PRESET [CMAKE OPTIONS...]
build_preset() {
  use_compiler_cache
  echo "== building ($1)"
  cmake --preset "$@" >/dev/null
  cmake --build --preset "$1"
}

# The package of .venv is the one in python/, with the extension modules that were built there.
link_python_package() {
  local site
  site=$(.venv/bin/python -c "import sysconfig; print(sysconfig.get_path('platlib'))")
  echo "$root/python" >"$site/neurocuda.pth"
}

# Everything: what quickstart.sh left out is built, too, and the benchmarks, which nobody would else see break.
build_release() {
  build_preset release -UNEUROCUDA_TESTS -UNEUROCUDA_CUDA -DNEUROCUDA_BENCH=ON
  link_python_package
}

# The program and the Python package; kernels for a GPU where there is one.
build_what_users_run() {
  local options=(-DNEUROCUDA_TESTS=OFF)
  nvidia-smi -L >/dev/null 2>&1 || options+=(-DNEUROCUDA_CUDA=OFF)
  build_preset release "${options[@]}"
  link_python_package
}

# What users need, and what the tests need on top of it.
set_up() {
  install_packages "${packages[@]}"
  make_python_environment requirements.txt
}

set_up_for_tests() {
  install_packages "${packages[@]}" "${test_packages[@]}"
  make_python_environment requirements-test.txt
}

# stage TITLE COMMAND...: says what it does and how long that took.
stage() {
  local title=$1 started=$SECONDS
  shift
  echo "== $title"
  "$@"
  echo "-- $title: $((SECONDS - started)) s"
}
