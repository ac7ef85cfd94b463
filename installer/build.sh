#!/bin/sh
# Build a package that installs without network: linux or windows; see --help.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
. "$here/find-python.sh"
exec "$python" "$here/build" "$@"
