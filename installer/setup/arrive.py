"""`clinic arrive`: what a package does once it is unpacked, whatever it finds."""

from installer.setup import everyday, service, versions, words
from installer.setup.install import install
from installer.setup.options import install_parser, with_data_dir
from installer.setup.paths import DataDir
from installer.setup.repair import repair_all
from installer.setup.upgrade import upgrade_all


def arrive(arguments: list[str]) -> int:
    """Nothing there: set up. Older: upgraded. The same: mended. Newer: refused."""
    options = with_data_dir(install_parser().parse_args(arguments))
    words.be_quiet(options.quiet)
    wanted = DataDir(options.data_dir)
    there = everyday.all_instances()
    if wanted.env.exists() and wanted.root not in [data.root for data in there]:
        there.append(wanted)
    for data in there:
        versions.refuse_newer(data)
    again = _lost_its_service(wanted, options)
    status = _care_for([data for data in there if not (again and data.root == wanted.root)])
    if status == 0 and (again or not wanted.env.exists()):
        status = install(arguments)
    return status


def _lost_its_service(wanted: DataDir, options) -> bool:
    """It was uninstalled and its data kept: what starts it with the machine is made anew."""
    return options.service and wanted.env.exists() and not service.installed(wanted)


def _care_for(there: list[DataDir]) -> int:
    if any(versions.is_behind(data) for data in there):
        return upgrade_all(there, start=True)
    return repair_all(there) if there else 0
