"""Each printing page names its paper; files for the desktop start a browser that just prints."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from clinic.core.templatetags.papers import SHEETS
from clinic.printing import shortcuts

CSS = Path(settings.BASE_DIR) / "static" / "css"
SIZES = {
    "80 mm": "80mm", "58 mm": "58mm", "A5 upright": "148mm 210mm", "A5 crosswise": "210mm 148mm",
    "A4 upright": "A4 portrait", "A4 crosswise": "A4 landscape",
    "60 × 40": "60mm 40mm", "70 × 50": "70mm 50mm",
}  # fmt: skip
SAME = {"A4": "A4 portrait", "210mm 297mm": "A4 portrait", "297mm 210mm": "A4 landscape"}


def sizes() -> dict[str, str]:
    """Stylesheet and the size its @page sets."""
    found = {}
    for path in CSS.glob("print-*.css"):
        page = re.search(r"@page\s*{[^}]*?(?<!-)size:\s*([^;]+);", path.read_text("utf-8"))
        if page:
            found[path.stem] = SAME.get(page[1], page[1])
    return found


def test_every_stylesheet_with_a_size_of_paper_is_named_with_that_paper():
    assert set(sizes()) == set(SHEETS)
    for name, size in sizes().items():
        words = SHEETS[name]._args[0]  # the English words of the lazy text
        assert any(size.startswith(SIZES[part]) for part in SIZES if part in words), name


@pytest.mark.django_db
@pytest.mark.parametrize(("sheet", "words"), [("slip", "80 mm"), ("a5", "A5"), ("a4", "A4")])
def test_the_advice_stands_beside_the_print_button_with_the_way_to_more(
    frontdesk, as_, sheet, words
):
    page = as_(frontdesk).get(reverse("printing_test", args=[sheet])).content.decode()

    toolbar = page.split('class="toolbar"')[1].split("</nav>")[0]
    assert words in toolbar and reverse("printing") in toolbar


@pytest.mark.django_db
def test_the_file_for_windows_is_plain_and_names_this_clinic_alone(frontdesk, as_):
    url = reverse("printing_shortcut", args=["slip", "bat"])

    answer = as_(frontdesk).get(url)

    text = answer.content.decode("ascii")
    assert 'filename="clinic-slip.bat"' in answer["Content-Disposition"]
    assert text.count("\r\n") == text.count("\n") > 20
    assert set(re.findall(r"https?://[^\"/]*", text)) == {"https://testserver"}
    assert "--kiosk-printing" in text and "%" not in re.sub(r"%(\w|\(|\))+%|%%B", "", text)


@pytest.mark.django_db
def test_the_file_for_linux_asks_once_and_is_silent_afterwards(frontdesk, as_, tmp_path):
    """Run as a desktop would, with something else in Chromium's place that tells its arguments."""
    answer = as_(frontdesk).get(reverse("printing_shortcut", args=["a5", "desktop"]))
    browser = tmp_path / "chromium"
    browser.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nmkdir -p "$HOME/.clinic-printing/a5"\n')
    browser.chmod(0o755)
    line = re.search(r'^Exec=sh -c "(.*)"$', answer.content.decode(), re.M)[1]
    # As the Desktop Entry Specification reads it: the string's own escapes, then the argument's.
    words = re.sub(r'\\(["`$\\])', r"\1", line.replace("\\\\", "\\"))

    def start() -> list[str]:
        path = {"HOME": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin"}
        done = subprocess.run(
            ["sh", "-c", words], env=path, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    first, second = start(), start()

    assert "--kiosk-printing" not in first and first[-1].endswith("/printing/test/a5/")
    assert "--kiosk-printing" in second and second[-1] == "https://testserver/"
    assert {args[0] for args in (first, second)} == {
        f"--user-data-dir={tmp_path}/.clinic-printing/a5"
    }


@pytest.mark.django_db
def test_each_printer_has_a_profile_of_its_own_and_unknown_ones_are_not_there(frontdesk, as_):
    screen = as_(frontdesk)
    texts = {
        one.code: screen.get(reverse("printing_shortcut", args=[one.code, "bat"])).content
        for one in shortcuts.PRINTERS
    }

    assert all(f"ClinicPrinting\\{code}".encode() in text for code, text in texts.items())
    for sheet, kind in (("other", "bat"), ("slip", "exe")):
        url = reverse("printing_shortcut", args=[sheet, kind])
        assert screen.get(url).status_code == 404
