#!/bin/sh
# Make the private Python environment, also on a machine that has Python but neither pip nor ensurepip
# (a plain Debian: those are in packages of their own). Nothing is installed outside the given folder.
set -eu
venv=$1
python=${PYTHON:-python3}
here=$(cd "$(dirname "$0")/.." && pwd)

"$python" - <<'PY' || exit 2
import sys
if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    sys.exit("Python %d.%d found, 3.11 to 3.14 needed. Nothing was installed. Name another one: make PYTHON=python3.12 ..."
             % sys.version_info[:2])
PY

pip_from_debian() {
    # The distribution ships pip as a wheel; fetch it with its own package tool into a private folder.
    command -v apt-get >/dev/null || {
        echo "This Python has no pip and there is no apt-get to fetch one. Install python3-venv and try again." >&2
        exit 2
    }
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/state"
    : >"$work/state/status"
    private="-o Dir::State=$work/state -o Dir::State::lists=$work/lists -o Dir::State::status=$work/state/status"
    private="$private -o Dir::Cache=$work/cache -o Debug::NoLocking=1 -o APT::Sandbox::User="
    echo "Fetching pip from the distribution (private, nothing is installed) ..."
    # shellcheck disable=SC2086  # the options are a list
    (cd "$work" && apt-get $private -qq update && apt-get $private -qq download python3-pip-whl)
    dpkg -x "$work"/python3-pip-whl_*.deb "$work/unpacked"
    "$venv/bin/python" "$(ls "$work"/unpacked/usr/share/python-wheels/pip-*.whl | head -1)/pip" install -q pip
}

if [ ! -x "$venv/bin/pip" ]; then
    rm -rf "$venv"
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv "$venv"
    else
        "$python" -m venv --without-pip "$venv"
        pip_from_debian
    fi
fi
echo "Installing the dialer and its tools into $venv (a minute or two the first time) ..."
"$venv/bin/python" -m pip install -q --disable-pip-version-check -c "$here/constraints.txt" -e "$here[dev]"
