"""`clinic arrive`: what a package does once it is unpacked, whatever it finds."""

from installer.setup import everyday, versions, words
from installer.setup.install import install
from installer.setup.options import install_parser, with_data_dir
from installer.setup.paths import PROGRAM, DataDir
from installer.setup.repair import repair_all
from installer.setup.run import Log
from installer.setup.system import WINDOWS
from installer.setup.upgrade import upgrade_all

LOG = "arrive.log"


def arrive(arguments: list[str]) -> int:
    """Nothing there: set up. Older: upgraded. The same: mended. Newer: refused."""
    options = with_data_dir(install_parser().parse_args(arguments))
    words.be_quiet(options.quiet)
    wanted = DataDir(options.data_dir)
    if WINDOWS:  # what a silent set-up says would be lost there
        words.record(Log(wanted.logs / LOG), PROGRAM.parent / LOG)
    there = everyday.all_instances()
    if wanted.env.exists() and wanted.root not in [data.root for data in there]:
        there.append(wanted)
    for data in there:
        versions.refuse_newer(data)
    status = _care_for(there)
    if status == 0 and not wanted.env.exists():
        status = install(arguments)
    return status


def _care_for(there: list[DataDir]) -> int:
    if any(versions.is_behind(data) for data in there):
        return upgrade_all(there, start=True)
    return repair_all(there) if there else 0
