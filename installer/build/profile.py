"""Where CPython spends its time, for the compiler: without it, plain work takes 1.4 times as long.

CPython's own `--enable-optimizations` needs a compiler that counts, and Zig's brings no counter.
So Debian's Clang counts once for each version of CPython, while that runs its own tests for this;
what it counted lies beside this file, and every later build reads it and comes out the same.
"""

import lzma
import os
import shutil
import subprocess
from pathlib import Path

from installer.build import cache
from installer.build.compiler import environment, run, unpacked
from installer.build.parts import PYTHON
from installer.setup.errors import SetupError

CLANG = "19"
TOOLS = [f"{name}-{CLANG}" for name in ("clang", "llvm-profdata")]
KEPT = Path(__file__).resolve().parent / f"cpython-{PYTHON.version}.profile.xz"
# What the profile does not know, or knows from another compiler, is compiled as without one.
FLAGS = (
    "-fprofile-instr-use={} -Wno-profile-instr-unprofiled -Wno-profile-instr-out-of-date "
    "-Wno-backend-plugin"
)
RECIPE = """
    export CC=clang-$CLANG AR=llvm-ar-$CLANG RANLIB=llvm-ranlib-$CLANG
    ./configure --disable-shared --disable-test-modules --without-ensurepip --without-readline \
      --without-doc-strings --with-system-libmpdec=no MODULE_BUILDTYPE=static \
      CFLAGS=-Wno-date-time OPT="-DNDEBUG -O3 -g0 -Wall"
    export LLVM_PROFILE_FILE=/dev/null
    make $JOBS CFLAGS_NODIST=-fprofile-instr-generate LDFLAGS_NODIST=-fprofile-instr-generate all
    LLVM_PROFILE_FILE=$COUNTED/%4m.profraw ./python -m test --pgo
    llvm-profdata-$CLANG merge -sparse -output=$COUNTED/profile $COUNTED/*.profraw
"""


def count() -> Path:
    """Count anew, for the version in parts.py; returns the file, which belongs into the commit."""
    lacking = [name for name in TOOLS if not shutil.which(name)] or _without_counter()
    if lacking:
        packages = f"clang-{CLANG} llvm-{CLANG} libclang-rt-{CLANG}-dev"
        raise SetupError(f"{lacking[0]} is missing; on Debian: apt-get install {packages}")
    with cache.workshop("profile") as work:
        counted = work / "counted"
        counted.mkdir()
        env = environment(work) | {"CLANG": CLANG, "COUNTED": str(counted)}
        run(RECIPE, unpacked(PYTHON, work), env | {"JOBS": f"-j{os.cpu_count() or 2}"})
        KEPT.write_bytes(lzma.compress((counted / "profile").read_bytes(), preset=9))
    return KEPT


def _without_counter() -> list[str]:
    """Clang comes without the library that counts; a package of its own brings it."""
    asked = [TOOLS[0], "--rtlib=compiler-rt", "-print-libgcc-file-name"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return [] if Path(found).is_file() else [f"Clang's own library ({found})"]


def packed() -> bytes:
    """The kept profile of the version in parts.py."""
    if not KEPT.is_file():
        raise SetupError(f"CPython {PYTHON.version} was not profiled: build.sh profile, once.")
    return KEPT.read_bytes()


def unpack(folder: Path) -> str:
    """The kept profile into `folder`; returns the compiler's flags for it."""
    path = folder / "cpython.profile"
    path.write_bytes(lzma.decompress(packed()))
    return FLAGS.format(path)
