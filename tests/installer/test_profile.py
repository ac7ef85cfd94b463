"""The Python that is handed out is compiled by what it does most."""

import shlex

import pytest

from installer.build import profile, runtime
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


def test_what_was_counted_is_configured_as_what_is_built():
    counted, built = map(options, (profile.RECIPE, runtime.PYTHON_RECIPE))

    assert counted <= built
    assert built - counted == {"--prefix=/clinic/python", "--with-openssl=$PARTS"}


def options(recipe: str) -> set[str]:
    """What configure is told to leave out or to take, and how the code is compiled."""
    command = recipe.replace("\\\n", " ").split("./configure", 1)[1].split("\n", 1)[0]
    return {one for one in shlex.split(command) if one.startswith(("--", "MODULE_", "OPT="))}


@pytest.mark.parametrize("lacking", ["clang-19", "Clang's own library"])
def test_what_counting_needs_is_said_before_it_begins(tmp_path, monkeypatch, lacking):
    """Clang and the profiler stand in, so that this needs neither."""
    here = [name for name in profile.TOOLS if name != lacking]
    for name in here:
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho /nowhere/libclang_rt.a\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(
        SetupError, match=f"{lacking}.* is missing; on Debian: .*libclang-rt-19-dev"
    ):
        profile.count()
