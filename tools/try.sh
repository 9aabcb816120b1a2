#!/usr/bin/env bash
# Installs embedc, compiles the keyword spotter of examples/ for AArch64 with NEON, and verifies it under QEMU.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/install.sh
.venv/bin/embedc examples/keyword_spotting/kws.onnx --target arm-neon -o build/kws
.venv/bin/embedc verify examples/keyword_spotting/kws.onnx --target arm-neon
