"""system.py on Windows, by the system's own calls: nothing beyond the standard library."""

import contextlib
import ctypes
import msvcrt
import os
import shutil
import subprocess
from ctypes import wintypes
from pathlib import Path

from installer.setup import accounts_windows as accounts

LOCK_AT_ONCE, LOCK_EXCLUSIVE = 1, 2
FAR_OFF = 1 << 30  # locks keep readers out here: this byte is beyond everything that is read
EVENT_MODIFY_STATE = 0x0002
PROCESS_TERMINATE = 0x0001
SE_FILE_OBJECT = 1
DACL, PROTECTED_DACL = 0x00000004, 0x80000000
SDDL_REVISION = 1
TOKEN_QUERY, TOKEN_USER = 0x0008, 1

kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
advapi32 = ctypes.WinDLL("advapi32", use_last_error=True)
advapi32.OpenProcessToken.argtypes = [wintypes.HANDLE, wintypes.DWORD, ctypes.c_void_p]
for function in (kernel32.OpenEventW, kernel32.OpenProcess, kernel32.GetCurrentProcess):
    function.restype = wintypes.HANDLE
advapi32.SetNamedSecurityInfoW.argtypes = [
    wintypes.LPWSTR, ctypes.c_int, wintypes.DWORD,
    ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
]  # fmt: skip


class Overlapped(ctypes.Structure):
    """Where in a file to lock."""

    _fields_ = (
        ("Internal", ctypes.c_void_p),
        ("InternalHigh", ctypes.c_void_p),
        ("Offset", wintypes.DWORD),
        ("OffsetHigh", wintypes.DWORD),
        ("hEvent", wintypes.HANDLE),
    )


def is_root() -> bool:
    """Whether this program has an administrator's rights (and not only the account)."""
    return bool(ctypes.windll.shell32.IsUserAnAdmin())


def keep_private(path: Path, mode: int) -> None:
    """Nobody gets in but the system, administrators, the folder's service and who made it.

    What is made in a private folder is private by inheritance, so files are left to it.
    """
    if path.is_dir():
        set_access(path, accounts.private_access(path))


def set_access(path: Path, sddl: str) -> None:
    """Replace the access list of `path`, and cut what its parent would hand down."""
    descriptor, acl = ctypes.c_void_p(), ctypes.c_void_p()
    present, defaulted = wintypes.BOOL(), wintypes.BOOL()
    if not advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
        sddl, SDDL_REVISION, ctypes.byref(descriptor), None
    ):
        raise ctypes.WinError(ctypes.get_last_error())
    try:
        advapi32.GetSecurityDescriptorDacl(
            descriptor, ctypes.byref(present), ctypes.byref(acl), ctypes.byref(defaulted)
        )
        failed = advapi32.SetNamedSecurityInfoW(
            str(path), SE_FILE_OBJECT, DACL | PROTECTED_DACL, None, None, acl, None
        )
        if failed:
            raise ctypes.WinError(failed)
    finally:
        kernel32.LocalFree(descriptor)


def remove_tree(path: Path) -> None:
    """The folder and all that is in it, as far as it can be removed; read-only files too."""
    for folder, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                os.chmod(os.path.join(folder, name), 0o600)
    shutil.rmtree(path, ignore_errors=True)


def own_sid() -> str:
    """The number of the account that runs this, as access lists name it."""
    token, needed = wintypes.HANDLE(), wintypes.DWORD()
    advapi32.OpenProcessToken(kernel32.GetCurrentProcess(), TOKEN_QUERY, ctypes.byref(token))
    advapi32.GetTokenInformation(token, TOKEN_USER, None, 0, ctypes.byref(needed))
    user, text = ctypes.create_string_buffer(needed.value), wintypes.LPWSTR()
    done = advapi32.GetTokenInformation(
        token, TOKEN_USER, user, needed, ctypes.byref(needed)
    ) and advapi32.ConvertSidToStringSidW(
        ctypes.c_void_p.from_buffer(user),
        ctypes.byref(text),  # TOKEN_USER begins with the SID
    )
    kernel32.CloseHandle(token)
    if not done:
        raise ctypes.WinError(ctypes.get_last_error())
    return text.value


def take_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file without waiting; False when somebody else holds it.

    The system frees it when its holder ends, however it ends.
    """
    where = Overlapped(Offset=FAR_OFF)
    handle = wintypes.HANDLE(msvcrt.get_osfhandle(descriptor))
    how = LOCK_AT_ONCE if shared else LOCK_AT_ONCE | LOCK_EXCLUSIVE
    return bool(kernel32.LockFileEx(handle, how, 0, 1, 0, ctypes.byref(where)))


def file_rights() -> tuple[int, int]:
    """There is no such thing here: who runs this is who touches the files."""
    return 0, 0


def set_file_rights(uid: int, gid: int) -> None:
    """See file_rights."""


def start_detached(argv: list, *, log: int) -> subprocess.Popen:
    """Start a program that outlives this one and its window; it writes to descriptor `log`."""
    return subprocess.Popen(
        [str(part) for part in argv],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        creationflags=subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP,
    )


def end(pid: int) -> None:
    """Ask a program to end in good order; ProcessLookupError when it did already.

    Ours wait for an event of this name (supervisor_windows.py); another program is just ended.
    """
    asked = kernel32.OpenEventW(EVENT_MODIFY_STATE, False, stop_event(pid))
    if asked:
        kernel32.SetEvent(wintypes.HANDLE(asked))
        kernel32.CloseHandle(wintypes.HANDLE(asked))
        return
    process = kernel32.OpenProcess(PROCESS_TERMINATE, False, pid)
    if not process:
        if ctypes.get_last_error() == 5:  # access denied: it is there
            raise PermissionError(pid)
        raise ProcessLookupError(pid)
    kernel32.TerminateProcess(wintypes.HANDLE(process), 1)
    kernel32.CloseHandle(wintypes.HANDLE(process))


def stop_event(pid: int) -> str:
    """The event that tells the supervisor with this process id to stop (clinic-service.c too)."""
    return f"Global\\ClinicStop-{pid}"
