"""Locks between processes that the system frees when their holder dies, on Linux and Windows."""

import os

if os.name == "nt":
    import msvcrt
else:
    import fcntl


def try_lock(handle: int) -> bool:
    """Take the lock of this open file for ourselves; False when another process holds it.

    The lock ends with the handle. `handle` must be open for writing.
    """
    try:
        if os.name == "nt":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
