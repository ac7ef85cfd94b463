#!/bin/sh
# Set the clinic up and serve it on https://localhost:8443. Safe to run again; see --help.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
. "$here/find-python.sh"
exec "$python" "$here/setup" install "$@"
