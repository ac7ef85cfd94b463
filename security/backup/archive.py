"""What a backup holds, as a tar inside gzip inside the sealed container; the manifest comes last.

Everything streams: neither side ever holds more than a few pieces in memory.
"""

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from pathlib import Path

from clinic.core.parts import PART
from security.backup.container import CHUNK, Reader, Writer
from security.backup.errors import BackupError

MANIFEST = "manifest.json"
LEVEL = 3  # sealed values hardly shrink, the rest does at once
LARGEST_MANIFEST = 256 * 1024 * 1024
FAULTS = (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, ValueError, KeyError)
FAULTS += (RecursionError,)


class _Counting:
    """A stream that keeps the checksum of what was read through it."""

    def __init__(self, stream):
        self._stream, self.digest, self.size = stream, hashlib.sha256(), 0

    def read(self, size=-1):
        piece = self._stream.read(size)
        self.digest.update(piece)
        self.size += len(piece)
        return piece


class Archive:
    """Writes the members into `out`, one after the other."""

    def __init__(self, out, facts: dict, *, chunk: int = CHUNK):
        self._sealed = Writer(out, facts, chunk=chunk)
        self._zipped = gzip.GzipFile(
            fileobj=self._sealed, mode="wb", compresslevel=LEVEL, mtime=0, filename=""
        )
        self._tar = tarfile.open(  # noqa: SIM115 - closed by finish
            fileobj=self._zipped, mode="w|", format=tarfile.PAX_FORMAT
        )
        self.members: dict[str, list] = {}

    def add(self, name: str, size: int, stream, *, listed: bool = True) -> None:
        info = tarfile.TarInfo(name)
        info.size = size
        counting = _Counting(stream)
        self._tar.addfile(info, counting)
        if listed:
            self.members[name] = [size, counting.digest.hexdigest()]

    def add_bytes(self, name: str, content: bytes, *, listed: bool = True) -> None:
        self.add(name, len(content), io.BytesIO(content), listed=listed)

    def add_folder(self, name: str, folder: Path, progress) -> None:
        """Every file below `folder`; one that is just being written is none yet."""
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.is_symlink() or path.suffix == PART:
                continue
            with path.open("rb") as stream:
                size = path.stat().st_size
                self.add(f"{name}/{path.relative_to(folder).as_posix()}", size, stream)
            progress()

    def finish(self, manifest: dict) -> None:
        manifest["members"] = self.members
        self.add_bytes(MANIFEST, json.dumps(manifest).encode(), listed=False)
        self._tar.close()
        self._zipped.close()
        self._sealed.finish()


def read(path: Path, take) -> tuple[dict, dict]:
    """Hand every member to `take(name, stream)`; (header, manifest) once all of it is proven."""
    seen: dict[str, list] = {}
    manifest = None
    try:
        with path.open("rb") as stream:
            sealed = Reader(stream, path)
            buffered = io.BufferedReader(sealed, CHUNK)
            with gzip.GzipFile(fileobj=buffered) as zipped:
                with tarfile.open(fileobj=zipped, mode="r|") as tar:
                    for info in tar:
                        if not info.isreg():
                            raise BackupError("damaged", path)
                        content = _Counting(tar.extractfile(info))
                        if info.name == MANIFEST:
                            manifest = _manifest(content)
                        else:
                            take(info.name, content)
                            while content.read(CHUNK):
                                pass
                            seen[info.name] = [content.size, content.digest.hexdigest()]
                while zipped.read(CHUNK):  # to the last chunk, or a cut end would go unnoticed
                    pass
            while buffered.read(CHUNK):
                pass
    except BackupError:
        raise
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise BackupError("damaged", path) from None
        raise BackupError("unreadable", path) from None
    except FAULTS:
        raise BackupError("damaged", path) from None
    listed = (manifest or {}).get("members")
    if not isinstance(listed, dict) or any(
        seen.get(name) != known for name, known in listed.items()
    ):
        raise BackupError("damaged", path)
    return sealed.header, manifest


def _manifest(content) -> dict:
    text = content.read(LARGEST_MANIFEST)
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("the manifest is no object")
    return found


def read_through(path: Path) -> tuple[dict, dict]:
    """Open every chunk and compare every checksum, without keeping anything."""
    return read(path, lambda name, stream: None)
