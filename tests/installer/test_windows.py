"""The Windows side as far as it can be looked at elsewhere; prove-windows.sh runs it all."""

import ast
import hashlib
import re
import zipfile
from pathlib import Path, PureWindowsPath

import pytest

from installer.build import windows
from installer.setup import accounts_windows, service_windows, surroundings_windows, words
from installer.setup.errors import SetupError
from installer.setup.options import install_parser
from installer.setup.paths import KNOWN_NAMES, DataDir
from installer.setup.run import Log
from tests.installer.tools import CHECKOUT

pytestmark = pytest.mark.installer
SETUP = CHECKOUT / "installer" / "setup"
SCRIPT = (CHECKOUT / "installer" / "windows" / "clinic.nsi").read_text(encoding="utf-8")


def test_a_services_number_is_the_one_that_windows_gives_it():
    # Known from every Windows: `sc showsid TrustedInstaller`.
    known = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"

    assert accounts_windows.service_sid("TrustedInstaller") == known


def test_each_instance_has_a_service_and_an_account_that_others_data_know_not(tmp_path):
    usual, other = tmp_path / "clinic", tmp_path / "branch"

    names = [accounts_windows.service_name(root) for root in (usual, other)]

    assert names == ["Clinic", "Clinic-branch"]
    own, foreign = map(accounts_windows.service_sid, names)
    assert own in accounts_windows.private_access(usual / "keys")
    assert foreign not in accounts_windows.private_access(usual / "keys")


def test_a_private_folder_inherits_nothing_and_lets_no_group_of_people_in(tmp_path):
    for room in (".", *KNOWN_NAMES):
        sddl = accounts_windows.private_access(tmp_path / "clinic" / room)

        who = re.findall(r"\(A;OICI;FA;;;([^)]+)\)", sddl)
        assert sddl.startswith("D:P(")
        assert who == ["SY", "BA", accounts_windows.service_sid("Clinic"), "OW"]


def test_the_service_starts_this_versions_program_with_its_data_whatever_their_names(tmp_path):
    data = DataDir(tmp_path / "with a space" / "clinic")

    command = service_windows.command_line(data, 9443)

    assert command.startswith(str(CHECKOUT.parent / "clinic-service.exe"))
    assert f'Clinic "{data.logs / "serve.log"}"' in command
    assert command.endswith(f'serve --data-dir "{data.root}" --port 9443')


def test_the_firewall_opens_our_ports_for_our_program_in_known_networks_alone(tmp_path):
    rule = surroundings_windows.firewall_rule(DataDir(tmp_path / "clinic"), [443, 8081])

    assert "localport=443,8081" in rule
    assert "profile=private,domain" in rule
    assert any(word.startswith("program=") and word.endswith("python") for word in rule)
    assert "name=Clinic (Clinic)" in rule


def test_icons_open_the_clinic_and_the_sheet_of_the_first_day(tmp_path, monkeypatch):
    monkeypatch.setenv("PUBLIC", str(tmp_path / "public"))
    monkeypatch.setenv("ProgramData", str(tmp_path / "all"))
    data = DataDir(tmp_path / "clinic")
    data.create()
    data.env.write_text("CLINIC_PORT=9443\n")
    (data.root / "first").mkdir()
    (data.root / "first" / "sheet.html").write_text("")

    surroundings_windows.write_icons(data, 9443)

    said = {path.name: path.read_text() for path in (tmp_path / "public" / "Desktop").iterdir()}
    assert "URL=https://localhost:9443/\n" in said["诊所系统.url"]
    assert f"URL=file:///{data.root.as_posix()}" in said["诊所系统 首次登录说明.url"]
    assert len(list((tmp_path / "all").rglob("*.url"))) == 2


def test_what_windows_refuses_is_told_with_what_to_do_by_hand(tmp_path, capsys):
    def refuse():
        raise OSError("no such program")

    surroundings_windows._tell(refuse, "Done.", "Windows' firewall was not changed; allow TCP 443 "
                               "in it by hand.")  # fmt: skip

    said = capsys.readouterr().out
    assert "请手动允许 TCP 端口 443" in said
    assert "allow TCP 443 in it by hand" in said


def test_the_script_calls_verbs_and_options_that_there_are():
    from installer.setup.verbs import VERBS

    called = set(re.findall(r"setup\"?'? (\w+)", SCRIPT)) | set(
        re.findall(r"\$setup (\w+)", SCRIPT)
    )

    assert called == {"arrive", "uninstall"}
    assert called <= set(VERBS)
    assert install_parser().parse_args(["--service"]).service


def test_every_text_of_the_script_is_in_both_languages():
    told = re.findall(r"^LangString (\w+) \$\{LANG_(\w+)\} \"(.+)\"$", SCRIPT, flags=re.MULTILINE)
    names = {name for name, _, _ in told}

    assert {(n, "SIMPCHINESE") for n in names} | {(n, "ENGLISH") for n in names} == {
        (name, language) for name, language, _ in told
    }
    assert set(re.findall(r"\$\((\w+)\)", SCRIPT)) == names


def test_the_icons_that_the_script_opens_are_those_that_set_up_makes():
    made = {path.name for path in surroundings_windows.icons(DataDir(Path("/nowhere/clinic")))}

    opened = {PureWindowsPath(word).name for word in re.findall(r'"(\$DESKTOP[^"]+\.url)"', SCRIPT)}
    assert opened and opened <= made


def test_a_runtime_that_is_not_the_published_one_is_refused(tmp_path):
    path = tmp_path / "python-3.12.9-embed-amd64.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("python312.dll", "x")
    from argparse import Namespace

    good = hashlib.sha256(path.read_bytes()).hexdigest()
    content, runtime, release = windows.runtime_of(Namespace(runtime=str(path), sha256=good))

    assert release and content == path.read_bytes()
    assert runtime.parts[0].version == "3.12.9"
    with pytest.raises(SetupError, match="is not the file that python.org describes"):
        windows.runtime_of(Namespace(runtime=str(path), sha256="0" * 64))
    with pytest.raises(SetupError, match="with its --sha256"):
        windows.runtime_of(Namespace(runtime=str(path), sha256=None))


def test_no_module_that_windows_loads_asks_for_what_only_linux_has():
    """At the top of a module; what is inside a function or behind a condition is a choice."""
    lacking = {"fcntl", "pwd", "grp", "resource", "termios"}
    passed_over = {"system_posix.py"}

    found = [
        f"{path.name}: {name.name}"
        for path in SETUP.glob("*.py")
        if path.name not in passed_over
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import)
        for name in node.names
        if name.name in lacking
    ]

    assert found == []


@pytest.mark.parametrize("version, shown", [("0.9.0", "0.9.0.0"), ("1.2.3-rc1", "1.2.3.0")])
def test_windows_shows_four_numbers(version, shown):
    assert windows.number(version) == shown


def test_what_a_silent_set_up_says_is_kept_without_secrets_also_from_before_there_was_a_folder(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(words, "_record", None)
    log = Log(tmp_path / "logs" / "arrive.log")

    words.record(log, tmp_path / "otherwise.log")
    words.say("Looked around")
    (tmp_path / "logs").mkdir()
    words.say("One-time password: hush", secret=True)
    words.complain("It failed.")

    kept = log.path.read_text()
    assert [line[20:] for line in kept.splitlines()] == ["Looked around", "clinic: It failed."]
    assert not (tmp_path / "otherwise.log").exists()


def test_windows_supervisor_overrides_take_what_the_supervisor_gives_them():
    ours = _methods("supervisor_windows.py")

    theirs = _methods("supervisor.py")

    shared = ours.keys() & theirs.keys() - {"__init__", "run"}
    assert "wait_until" in shared
    assert {name: ours[name] for name in shared} == {name: theirs[name] for name in shared}


def _methods(name: str) -> dict[str, list[str]]:
    tree = ast.parse((SETUP / name).read_text(encoding="utf-8"))
    bodies = [one.body for one in tree.body if isinstance(one, ast.ClassDef)]
    return {
        each.name: [argument.arg for argument in each.args.args]
        for body in bodies
        for each in body
        if isinstance(each, ast.FunctionDef)
    }
