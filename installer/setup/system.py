"""What every operating system does in its own way, under one name for all of them."""

import os

if os.name == "nt":
    from installer.setup.system_windows import (
        end,
        file_rights,
        is_root,
        keep_private,
        remove_tree,
        set_file_rights,
        start_detached,
        take_lock,
    )
else:
    from installer.setup.system_posix import (
        end,
        file_rights,
        is_root,
        keep_private,
        remove_tree,
        set_file_rights,
        start_detached,
        take_lock,
    )

WINDOWS = os.name == "nt"

__all__ = [
    "WINDOWS",
    "end",
    "file_rights",
    "is_root",
    "keep_private",
    "remove_tree",
    "set_file_rights",
    "start_detached",
    "take_lock",
]
