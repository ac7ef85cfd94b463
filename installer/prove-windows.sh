#!/bin/sh
# Build the Windows package and try it under Wine: set-up, kill, upgrade, uninstall; prints figures.
# With --if-changed OLD it does so only when something it depends on differs from the commit OLD.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
if [ "${1:-}" = "--if-changed" ]; then
    cd "$here/.." || exit 1
    if git rev-parse -q --verify "$2^{commit}" >/dev/null &&
        git diff --quiet "$2" -- installer tests/installer/wine; then
        echo "Nothing under installer/ changed since $2: the Windows package was tried then."
        exit 0
    fi
    shift 2
fi
. "$here/find-python.sh"
exec "$python" "$here/../tests/installer/wine/prove.py" "$@"
