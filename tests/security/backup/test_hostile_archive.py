"""A backup that somebody made by hand, with the right key: what is in it goes nowhere else."""

import gzip
import io
import json
import tarfile

import pytest

from security.backup import restore
from security.backup.archive import MANIFEST, read_through
from security.backup.container import Writer
from security.backup.errors import BackupError

FACTS = {"created": "2026-11-24T12:00:00+00:00", "engine": "sqlite"}


def member(name: str, kind=tarfile.REGTYPE, to: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


def made(path, *members, manifest=b'{"members": {}}', cut: int = 0):
    """A container of these members; the manifest is as listed by whoever made it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for info in members:
            tar.addfile(info, io.BytesIO(b"\0" * info.size))
        info = member(MANIFEST)
        info.size = len(manifest)
        tar.addfile(info, io.BytesIO(manifest))
    with path.open("wb") as out:
        writer = Writer(out, FACTS)
        content = gzip.compress(packed.getvalue())
        writer.write(content[: len(content) - cut])
        writer.finish()
    return path


ODD = {
    "symbolic link": member("files/x", tarfile.SYMTYPE, "/etc/passwd"),
    "hard link": member("files/x", tarfile.LNKTYPE, "/etc/passwd"),
    "folder": member("files/x", tarfile.DIRTYPE),
    "pipe": member("files/x", tarfile.FIFOTYPE),
    "device": member("files/x", tarfile.CHRTYPE),
}


@pytest.mark.parametrize("info", ODD.values(), ids=ODD)
def test_whatever_is_no_file_is_refused_in_words(info, tmp_path):
    with pytest.raises(BackupError) as refused:
        read_through(made(tmp_path / "x", info))

    assert refused.value.code == "damaged"


MANIFESTS = {
    "no JSON": b"x",
    "no object": b"[]",
    "no list of members": b'{"members": 7}',
    "deep": b"[" * 200_000,
    "a member that is not there": b'{"members": {"files/a": [1, "x"]}}',
    "nothing": b"",
}


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS)
def test_a_list_of_members_that_is_none_is_refused_in_words(manifest, tmp_path):
    with pytest.raises(BackupError) as refused:
        read_through(made(tmp_path / "x", manifest=manifest))

    assert refused.value.code == "damaged"


def test_a_whole_one_is_read(tmp_path):
    header, manifest = read_through(made(tmp_path / "x"))

    assert (header["engine"], manifest) == ("sqlite", json.loads('{"members": {}}'))


@pytest.mark.parametrize("cut", [1, 8, 40])
def test_one_that_is_cut_off_inside_is_refused_in_words(cut, tmp_path):
    with pytest.raises(BackupError) as refused:
        read_through(made(tmp_path / "x", member("files/a"), cut=cut))

    assert refused.value.code == "damaged"


@pytest.mark.parametrize(
    "name",
    [
        *("../x", "/etc/x", "files/../../x", "files//x", "files/./x", "files/", "x", "files"),
        *("keys/keyring.json", "db.sqlite3", "", "..", "files/a/../../../x"),
        *("files/..\\..\\x", "files/C:x", "files/x:stream"),
    ],
)
def test_no_name_leads_out_of_its_folder(name, tmp_path):
    staging = tmp_path / "staging"
    staging.mkdir()

    with pytest.raises(BackupError):
        restore._unpack(staging, name, io.BytesIO(b"x"))

    assert list(tmp_path.rglob("*")) == [staging]
