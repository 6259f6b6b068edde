#!/bin/sh
# Install from this folder, without internet:  sh install.sh [FOLDER]      (FOLDER: ~/hich)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$HOME/hich}
read -r wanted < "$here/python-version"

if [ -f "$here/python/linux.tar.gz" ] && [ "$(uname -s)" = Linux ]; then
    mkdir -p "$target"
    tar -xzf "$here/python/linux.tar.gz" -C "$target"
    exec "$target/python/bin/python3" "$here/install.py" "$target"
fi
for python in "${PYTHON:-}" "python$wanted" python3 python; do
    if [ -n "$python" ] && [ "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2> /dev/null)" = "$wanted" ]; then
        exec "$python" "$here/install.py" "$target"
    fi
done
echo "✘ No Python $wanted here. Install it, or name one: PYTHON=/path/to/python$wanted sh install.sh" >&2
exit 1
