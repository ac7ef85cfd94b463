#!/bin/sh
# Serve an installation in the foreground until SIGTERM or Ctrl-C; see --help.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
. "$here/find-python.sh"
exec "$python" "$here/setup" serve "$@"
