"""Archives that are equal when their content is."""

import gzip
import hashlib
import io
import lzma
import tarfile
from pathlib import Path

from installer.build.stamps import every


def tar(root: Path, epoch: int, prefix: str = "") -> bytes:
    """Everything in `root`, owned by root, of one date."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path in every(root):
            member = archive.gettarinfo(path, f"{prefix}{path.relative_to(root).as_posix()}")
            member.uid = member.gid = 0
            member.uname = member.gname = "root"
            member.mtime = epoch
            if member.isreg():
                with path.open("rb") as content:
                    archive.addfile(member, content)
            else:
                archive.addfile(member)
    return stream.getvalue()


def squeezed(content: bytes) -> bytes:
    """gzip, because every system's tar can open it; no date and no name inside."""
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=6, mtime=0) as packed:
        packed.write(content)
    return stream.getvalue()


def squeezed_more(content: bytes) -> bytes:
    """xz: a third smaller, for whoever brings something along that opens it."""
    filters = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": 6}]
    return lzma.compress(content, lzma.FORMAT_XZ, lzma.CHECK_CRC32, filters=filters)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def ar(members: list[tuple[str, bytes]], epoch: int) -> bytes:
    """The outer shape of a .deb."""
    whole = [b"!<arch>\n"]
    for name, content in members:
        head = f"{name:<16}{epoch:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n"
        whole += [head.encode(), content, b"\n" if len(content) % 2 else b""]
    return b"".join(whole)
