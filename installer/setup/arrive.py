"""`clinic arrive`: what a package does once it is unpacked, whatever it finds."""

from argparse import Namespace

from installer.setup import desktop, everyday, service, versions, words
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
    again = asks_for_more(options, wanted)
    status = _care_for([d for d in there if not again or d.root != wanted.root])
    for data in there:
        desktop.write_if_possible(data)
    if status == 0 and (again or not wanted.env.exists()):
        status = install(arguments)
    return status


def asks_for_more(options: Namespace, data: DataDir) -> bool:
    """An installation over data that were kept: its service is gone and has to come back."""
    lacks_service = options.service and data.env.exists() and not service.installed(data)
    return lacks_service and not versions.is_behind(data)


def _care_for(there: list[DataDir]) -> int:
    if any(versions.is_behind(data) for data in there):
        return upgrade_all(there, start=True)
    return repair_all(there) if there else 0
