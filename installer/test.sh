#!/bin/sh
# Set up what the tests need and run them all; arguments go to pytest.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
. "$here/find-python.sh"
exec "$python" "$here/setup" test "$@"
