#!/usr/bin/env bash
# Debian 12: compilers, emulators and embedc in .venv. `tools/install.sh test` adds what the tests need.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  python3 python3-venv gcc g++ libc6-dev binutils cmake make
  qemu-user clang-19 lld-19 gcc-aarch64-linux-gnu libc6-dev-arm64-cross
  libc6-dev-riscv64-cross libgcc-12-dev-riscv64-cross
)
extras=""
if [ "${1:-}" = test ]; then
  packages+=(libclang-rt-19-dev gcc-arm-linux-gnueabihf libc6-dev-armhf-cross gcc-riscv64-linux-gnu
    gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm cppcheck ninja-build)
  extras="[test]"
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --editable ".$extras"
