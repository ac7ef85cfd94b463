"""Chinese is complete: nothing untranslated, nothing fuzzy, and the compiled file is current."""

import gettext
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "clinic" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
SOURCES = ["clinic", "security", "patients", "pharmacy", "registration", "prescriptions"]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def messages(path: Path) -> dict[str, str]:
    """msgid → msgstr of a .po file, as the compiled catalogue would hold them."""
    compiled = subprocess.run(
        ["msgfmt", "--output-file=-", str(path)], check=True, capture_output=True
    ).stdout
    catalogue = gettext.GNUTranslations(io.BytesIO(compiled))._catalog
    return flat(catalogue)


def flat(catalogue: dict) -> dict[str, str]:
    """Without the header, and with a message's only plural form under the message itself."""
    return {k if isinstance(k, str) else k[0]: text for k, text in catalogue.items() if k}


def make_messages(folder: Path) -> str:
    """The catalogue after makemessages went over the sources in `folder`."""
    result = subprocess.run(
        [sys.executable, "manage.py", "makemessages", "-l", "zh_Hans", "--no-wrap"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return (folder / PO.relative_to(ROOT)).read_text("utf-8")


def test_no_message_is_empty_or_fuzzy():
    text = PO.read_text(encoding="utf-8")

    assert "#, fuzzy" not in text
    assert "#~" not in text
    assert not re.findall(r'msgid "[^"]+"\nmsgstr ""\n(?!")', text)


def test_every_message_of_the_sources_is_in_the_catalogue(tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in [*SOURCES, "templates"]:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "static").mkdir()
    shutil.copy(ROOT / "manage.py", copy)
    before = set(messages(PO))

    after = make_messages(copy)

    assert "#, fuzzy" not in after
    assert not re.findall(r'msgid "[^"]+"\nmsgstr ""\n(?!")', after)
    assert set(messages(copy / PO.relative_to(ROOT))) == before


def test_words_are_marked_by_the_names_that_makemessages_knows():
    """Under another name a word is never found, and stays English on the page."""
    other = re.compile(r"gettext(_lazy|_noop)? as (?!_\b)\w+|^\w+ = \w*gettext\w*$", re.MULTILINE)

    found = {
        str(path.relative_to(ROOT))
        for name in SOURCES
        for path in (ROOT / name).rglob("*.py")
        if other.search(path.read_text("utf-8"))
    }

    assert not found


def test_placeholders_are_the_same_on_both_sides():
    for english, chinese in messages(PO).items():
        assert set(PLACEHOLDER.findall(english)) == set(PLACEHOLDER.findall(chinese)), english


def test_the_compiled_file_is_current():
    compiled = gettext.GNUTranslations(io.BytesIO(PO.with_suffix(".mo").read_bytes()))._catalog

    assert flat(compiled) == messages(PO)
