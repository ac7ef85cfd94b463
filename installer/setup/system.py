"""What every operating system does in its own way, under one name for all of them."""

import os

if os.name == "nt":
    from installer.setup.system_windows import (
        end,
        is_root,
        keep_private,
        remove_tree,
        start_detached,
        take_lock,
    )
else:
    from installer.setup.system_posix import (
        end,
        is_root,
        keep_private,
        remove_tree,
        start_detached,
        take_lock,
    )

WINDOWS = os.name == "nt"

__all__ = [
    "WINDOWS",
    "end",
    "is_root",
    "keep_private",
    "remove_tree",
    "start_detached",
    "take_lock",
]
