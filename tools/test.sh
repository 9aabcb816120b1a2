#!/usr/bin/env bash
# Installs what the tests need and runs the default suite: style, types, tests. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/install.sh test
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/pyright --pythonpath .venv/bin/python
.venv/bin/clang-format --dry-run --Werror $(git ls-files '*.c' '*.h')
.venv/bin/pytest -q -n 2 --dist worksteal "$@"
