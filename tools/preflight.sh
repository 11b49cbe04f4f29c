#!/bin/sh
# What Debian splits off its Python, checked before anything is downloaded, with the line that mends it.
python=${1:-python3.11}
missing=""
if ! command -v "$python" >/dev/null 2>&1; then
    missing="$missing python3.11"
elif ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    missing="$missing python3.11-venv"
fi
if [ "$(id -u)" = 0 ] && ! command -v setpriv >/dev/null 2>&1; then
    missing="$missing util-linux"
fi
if [ -n "$missing" ]; then
    echo "缺少系统软件包，请先运行 / missing system packages, run first:" >&2
    echo "    apt-get install -y$missing" >&2
    exit 1
fi
