#!/usr/bin/env bash
# Renew requirements.lock (run time and build) and requirements-dev.lock (with the tests' tools).
# `lock.sh --upgrade` takes the newest versions; without it, standing pins are kept.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=.lock-venv
if ! "$tools/bin/pip-compile" --version >/dev/null 2>&1; then
    "${PYTHON:-python3}" -m venv --clear "$tools"
    "$tools/bin/python" -m pip install --quiet pip-tools==7.6.2
fi
compile() {
    CUSTOM_COMPILE_COMMAND="make lock" "$tools/bin/pip-compile" --quiet --generate-hashes \
        --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links \
        --no-emit-trusted-host --build-deps-for editable "$@" pyproject.toml
}
compile --output-file requirements.lock "$@"
compile --extra dev --constraint requirements.lock --output-file requirements-dev.lock "$@"
