"""A page as Chromium puts it on paper: PDF, its text, its pictures. No server, no Playwright."""

import re
import subprocess
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from tests import chromium

STATIC = Path(settings.BASE_DIR) / "static"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--no-pdf-header-footer", "--disable-dev-shm-usage"]


def whole(page: str) -> str:
    """The page with its stylesheets inside and without its scripts, to be opened from a file."""
    page = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)

    def put_in(link: re.Match) -> str:
        name = re.search(r'href="/static/([^"]+)"', link[0])
        return f"<style>{(STATIC / name[1]).read_text('utf-8')}</style>" if name else ""

    return re.sub(r'<link rel="stylesheet"[^>]*>', put_in, page)


def of_sheet(sheet: dict, **more) -> str:
    """The page of a printed sheet of plain values."""
    links = "".join(
        f'<link rel="stylesheet" href="/static/{name}">'
        for name in ("css/variables.css", "css/print.css", sheet["page_style"], sheet["style"])
    )
    body = render_to_string(sheet["template"], {**sheet, **more})
    return f'<!DOCTYPE html><meta charset="utf-8">{links}<body class="print-preview">{body}'


def pdf(page: str, folder: Path) -> Path:
    """The page printed."""
    source, target = folder / "page.html", folder / "page.pdf"
    source.write_text(whole(page), encoding="utf-8")
    target.unlink(missing_ok=True)
    command = [chromium.program(), *FLAGS, f"--user-data-dir={folder / 'profile'}"]
    command += [f"--print-to-pdf={target}", source.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return target


def pictures(path: Path, dots: int = 100) -> list[bytes]:
    """Each page of the PDF as the bytes of a PNG."""
    stem = path.with_suffix("")
    for old in path.parent.glob(f"{stem.name}-*.png"):
        old.unlink()
    subprocess.run(["pdftoppm", "-r", str(dots), "-png", path, stem], check=True)
    return [png.read_bytes() for png in sorted(path.parent.glob(f"{stem.name}-*.png"))]


def texts(path: Path) -> list[str]:
    """The text of each page without any white space: where a line breaks does not matter."""
    said = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True)
    return ["".join(page.split()) for page in said.stdout.split("\f")[:-1]]
