"""The .deb: carries the self-extracting file and runs it.

dpkg must not own the versions' folders: it removes an old version's files before the new one is
known to work, and nothing could go back then.
"""

import tempfile
from pathlib import Path

from installer.build import archive
from installer.build.source import Source

CONTROL = """\
Package: clinic
Version: {version}
Architecture: amd64
Maintainer: The clinic's makers <clinic@localhost>
Installed-Size: {kb}
Depends: libc6 (>= {floor})
Section: misc
Priority: optional
Description: 社区诊所系统 (community clinic system)
 Registration, records, prescriptions, pharmacy and cashier for a small clinic.
 Brings everything along; needs no network.
"""
FOLDER = "/usr/lib/clinic"
POSTINST = """\
#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
for file in {folder}/clinic-*.run; do
    [ "$file" = {folder}/{run} ] || rm -f "$file"
done
exec sh {folder}/{run} --quiet </dev/null
"""
PRERM = """\
#!/bin/sh
set -e
[ "$1" = remove ] || exit 0
[ ! -x /opt/clinic/current/bin/clinic ] || /opt/clinic/current/bin/clinic uninstall </dev/null
"""
POSTRM = """\
#!/bin/sh
set -e
[ "$1" = purge ] || exit 0
if [ -d /var/lib/clinic ]; then
    echo "诊所数据仍保留在 /var/lib/clinic；确定不再需要时请自行删除。"
    echo "All data were kept in /var/lib/clinic; delete that folder yourself if they may go."
fi
"""


def package(source: Source, floor: str, mb: float, run: Path) -> bytes:
    """The whole file; equal for an equal `run`."""
    with tempfile.TemporaryDirectory() as scratch:
        control, data = Path(scratch, "control"), Path(scratch, "data")
        control.mkdir()
        place = data / FOLDER.strip("/")
        place.mkdir(parents=True)
        (place / run.name).write_bytes(run.read_bytes())
        for path in (data, *data.rglob("*")):
            path.chmod(0o755)
        kb = int((run.stat().st_size + mb * 1e6) / 1024)
        _write(control / "control", CONTROL.format(version=source.version, kb=kb, floor=floor))
        words = {"folder": FOLDER, "run": run.name}
        _write(control / "postinst", POSTINST.format(**words), 0o755)
        _write(control / "prerm", PRERM, 0o755)
        _write(control / "postrm", POSTRM, 0o755)
        return archive.ar(
            [
                ("debian-binary", b"2.0\n"),
                ("control.tar.gz", archive.squeezed(archive.tar(control, source.epoch, "./"))),
                ("data.tar", archive.tar(data, source.epoch, "./")),
            ],
            source.epoch,
        )


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
