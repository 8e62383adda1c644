#!/usr/bin/env bash
# Bring .venv/ to a lock file: usage `venv.sh LOCK`. Safe to run again after an interruption.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
lock=$1
venv=.venv

# The first Python on the path that is new enough (PYTHON=... names another).
find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14 /usr/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "set-up: Python 3.11 or newer is needed and was not found; install it or set PYTHON=/path/to/python3" >&2
    return 1
}

# Debian keeps ensurepip, which a new environment needs, in a package of its own.
need_ensurepip() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    local package
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        echo "set-up: installing $package, which $1 lacks" >&2
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >&2 && return
    fi
    echo "set-up: $1 cannot make a virtual environment; run \`sudo apt-get install $package\` (or your system's like), then make again" >&2
    return 1
}

# Made to the end, and its Python still there.
works() { [[ -f $venv/.made ]] && "$venv/bin/python" -c 'import pip' 2>/dev/null; }

python=$(find_python)
if ! works; then
    need_ensurepip "$python"
    echo "set-up: making $venv/ with $("$python" --version)" >&2
    "$python" -m venv --clear "$venv"
    touch "$venv/.made"
fi

echo "set-up: installing $lock" >&2
pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
pip install --require-hashes --requirement "$lock"
pip install --no-deps --no-build-isolation --editable .
echo "set-up: ready, the command is $venv/bin/ringwall" >&2
