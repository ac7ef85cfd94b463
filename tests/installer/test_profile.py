"""The Python that is handed out is compiled by what it does most."""

import pytest

from installer.build import profile
from installer.setup.errors import SetupError

INDEXED = b"\xfflprofi\x81"  # how an LLVM profile begins that compilers read


def test_the_version_that_is_built_has_its_profile(tmp_path):
    flags = profile.unpack(tmp_path)

    kept = tmp_path / "cpython.profile"
    assert f"-fprofile-instr-use={kept} " in flags
    assert kept.read_bytes().startswith(INDEXED)


def test_a_version_that_was_not_profiled_is_not_built_slowly(tmp_path, monkeypatch):
    monkeypatch.setattr(profile, "KEPT", tmp_path / "cpython-9.9.profile.xz")

    with pytest.raises(SetupError, match="build.sh profile"):
        profile.unpack(tmp_path)
