"""Our own CPython for Linux: runs on every system with glibc 2.28 or newer, from any folder.

One program with OpenSSL, SQLite and the other libraries linked into it, and the standard
library beside it; nothing of the target system but its C library is needed.
"""

import hashlib
import os
import shutil
from pathlib import Path

from installer.build import cache, profile
from installer.build.compiler import FLAGS, GLIBC, WHERE, environment, run, unpacked
from installer.build.parts import (
    BZIP2,
    LIBFFI,
    LIBRARIES,
    OPENSSL,
    PYTHON,
    SQLITE,
    XZ,
    ZLIB,
    Origin,
)
from installer.build.sbom import Runtime

VERSION = "3.13"
JOBS = f"-j{os.cpu_count() or 2}"

# One line each: how a library is made and where it goes ($OUT). Static, and no more than needed.
RECIPES = {
    OPENSSL: """
        perl Configure linux-x86_64 --prefix=/usr --libdir=lib --openssldir=/etc/ssl no-shared \
          no-tests no-docs no-apps no-engine no-module no-comp no-ssl3 no-zlib no-async $FLAGS
        make $JOBS build_libs
        make install_dev DESTDIR=$OUT/stage
        mv $OUT/stage/usr/* $OUT
        rm -r $OUT/stage
    """,
    SQLITE: """
        ./configure --disable-tcl --disable-readline --disable-shared CFLAGS="-O1"
        make sqlite3.c
        zig-cc $FLAGS $SQLITE_FLAGS -c sqlite3.c -o sqlite3.o
        mkdir -p $OUT/lib $OUT/include
        zig-ar rcs $OUT/lib/libsqlite3.a sqlite3.o
        cp sqlite3.h sqlite3ext.h $OUT/include
    """,
    ZLIB: """
        CFLAGS="$FLAGS" ./configure --static --prefix=$OUT
        make $JOBS libz.a
        mkdir -p $OUT/lib $OUT/include
        cp libz.a $OUT/lib
        cp zlib.h zconf.h $OUT/include
    """,
    LIBFFI: """
        ./configure --host=x86_64-pc-linux-gnu --prefix=$OUT --libdir=$OUT/lib --disable-shared \
          --disable-docs --disable-multi-os-directory --disable-exec-static-tramp CFLAGS="$FLAGS"
        make $JOBS
        make install
    """,
    BZIP2: """
        make libbz2.a CC=zig-cc AR=zig-ar RANLIB=zig-ranlib CFLAGS="$FLAGS -D_FILE_OFFSET_BITS=64"
        mkdir -p $OUT/lib $OUT/include
        cp libbz2.a $OUT/lib
        cp bzlib.h $OUT/include
    """,
    XZ: """
        ./configure --host=x86_64-pc-linux-gnu --prefix=$OUT --disable-shared --disable-nls \
          --disable-doc --disable-xz --disable-xzdec --disable-lzmadec --disable-lzmainfo \
          --disable-scripts --disable-lzma-links CFLAGS="$FLAGS"
        make $JOBS
        make install
    """,
}
# Opens the package's archive where the system has no xz.
XZDEC_RECIPE = """
    ./configure --host=x86_64-pc-linux-gnu --prefix=$OUT --disable-shared --disable-nls \
      --disable-doc --disable-xz --disable-lzmadec --disable-lzmainfo --disable-scripts \
      --disable-lzma-links --disable-encoders --disable-threads CFLAGS="$FLAGS" LDFLAGS=-s
    make $JOBS
    mkdir -p $OUT/bin
    cp src/xzdec/xzdec $OUT/bin
"""
SQLITE_FLAGS = " ".join(
    f"-DSQLITE_{one}"
    for one in (
        "THREADSAFE=1", "ENABLE_COLUMN_METADATA", "ENABLE_FTS5", "ENABLE_MATH_FUNCTIONS",
        "ENABLE_RTREE", "ENABLE_DBSTAT_VTAB", "ENABLE_UNLOCK_NOTIFY", "SECURE_DELETE",
        "MAX_VARIABLE_NUMBER=250000", "USE_URI", "OMIT_LOAD_EXTENSION", "DQS=0",
    )
)  # fmt: skip

# --help: compiles nothing, which the package's build does anyway.
PYTHON_RECIPE = """
    ./configure --prefix=/clinic/python --disable-shared --disable-test-modules \
      --without-ensurepip --with-openssl=$PARTS --without-readline --without-doc-strings \
      --with-system-libmpdec=no MODULE_BUILDTYPE=static ac_cv_working_tzset=yes \
      CFLAGS="-fno-sanitize=undefined -Wno-date-time $HERE" \
      CPPFLAGS="-I$PARTS/include" LDFLAGS="-L$PARTS/lib -s" \
      OPT="-DNDEBUG -O3 -g0 -Wall" \
      py_cv_module__tkinter=n/a py_cv_module__curses=n/a py_cv_module__curses_panel=n/a \
      py_cv_module__gdbm=n/a py_cv_module__dbm=n/a py_cv_module_readline=n/a \
      py_cv_module__uuid=n/a py_cv_module_nis=n/a \
      LIBSQLITE3_CFLAGS="-I$PARTS/include" LIBSQLITE3_LIBS="-L$PARTS/lib -lsqlite3" \
      ZLIB_CFLAGS="-I$PARTS/include" ZLIB_LIBS="-L$PARTS/lib -lz" \
      LIBFFI_CFLAGS="-I$PARTS/include" LIBFFI_LIBS="-L$PARTS/lib -lffi" \
      BZIP2_CFLAGS="-I$PARTS/include" BZIP2_LIBS="-L$PARTS/lib -lbz2" \
      LIBLZMA_CFLAGS="-I$PARTS/include" LIBLZMA_LIBS="-L$PARTS/lib -llzma"
    make $JOBS CFLAGS_NODIST="$PROFILE"
    make altinstall CFLAGS_NODIST="$PROFILE" DESTDIR=$OUT/stage COMPILEALL_OPTS=--help
    mv $OUT/stage/clinic/python/* $OUT
    rm -r $OUT/stage
"""
# Of the standard library: what needs a screen, builds programs, or only tests itself.
LEFT_OUT = (
    "test", "idlelib", "tkinter", "turtledemo", "turtle.py", "ensurepip", "pydoc_data",
    "lib2to3", "site-packages/README.txt", "__phello__", "config-*",
)  # fmt: skip


def build() -> Path:
    """The finished runtime, from the cache when nothing that it is made from has changed."""
    libraries = [library(origin) for origin in LIBRARIES]
    return cache.made(_name(), lambda out: _build_python(libraries, out))


def is_built() -> bool:
    return (cache.home() / _name()).is_dir()


def _name() -> str:
    recipes = [origin.sha256 + recipe for origin, recipe in RECIPES.items()]
    counted = hashlib.sha256(profile.packed()).hexdigest()
    words = (PYTHON.sha256, PYTHON_RECIPE, FLAGS, SQLITE_FLAGS, GLIBC, *LEFT_OUT, *recipes)
    words += (profile.FLAGS, counted)
    return f"runtime-{cache.key(*words)}"


def described() -> Runtime:
    """For package.json and the bill of materials."""
    parts = [PYTHON.part, *(origin.part for origin in LIBRARIES)]
    return Runtime(f"CPython {PYTHON.version}, own build for glibc {GLIBC}", parts)


def library(origin: Origin) -> Path:
    """One static library with its headers."""
    return _made("lib", origin, RECIPES[origin])


def xzdec() -> Path:
    """A program that unpacks xz from standard input."""
    return _made("xzdec", XZ, XZDEC_RECIPE) / "bin" / "xzdec"


def _made(kind: str, origin: Origin, recipe: str) -> Path:
    key = cache.key(origin.sha256, recipe, FLAGS, SQLITE_FLAGS, GLIBC)
    name = f"{kind}-{origin.name.lower()}-{key}"
    return cache.made(name, lambda out: _compile(origin, recipe, out))


def _compile(origin: Origin, recipe: str, out: Path) -> None:
    print(f"Compiling {origin.name} {origin.version} ...", flush=True)
    with cache.workshop() as work:
        sources = unpacked(origin, work)
        flags = f"{FLAGS} {WHERE.format(sources)}"
        env = environment(work) | {"FLAGS": flags, "SQLITE_FLAGS": SQLITE_FLAGS, "JOBS": JOBS}
        run(recipe, sources, env | {"OUT": str(out)})


def _build_python(libraries: list[Path], out: Path) -> None:
    print(f"Compiling {PYTHON.name} {PYTHON.version} ...", flush=True)
    with cache.workshop() as work:
        together = work / "libs"
        for one in libraries:
            shutil.copytree(one, together, dirs_exist_ok=True)
        sources = unpacked(PYTHON, work)
        known = {"PROFILE": profile.unpack(work)}
        env = environment(work) | known | {"JOBS": JOBS, "PARTS": str(together), "OUT": str(out)}
        run(PYTHON_RECIPE, sources, env | {"HERE": WHERE.format(sources)})
    _slim(out)


def _slim(out: Path) -> None:
    """What no installation uses; then every module compiled once for all."""
    library_dir = out / "lib" / f"python{VERSION}"
    for pattern in LEFT_OUT:
        for path in library_dir.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in [*library_dir.rglob("__pycache__"), out / "share", out / "include"]:
        shutil.rmtree(path, ignore_errors=True)
    for path in [*(out / "lib").glob("*.a"), *(out / "lib").glob("pkgconfig/*")]:
        path.unlink()
    for path in (out / "bin").iterdir():
        if path.name != f"python{VERSION}":
            path.unlink()
    (out / "bin" / "python3").symlink_to(f"python{VERSION}")
