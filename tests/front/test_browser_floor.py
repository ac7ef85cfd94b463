"""The floor is Chromium 86 (R-134: office PCs of 2018 to 2020). No old browser is run; this list
of what came later says so instead. `accent-color` and `text-underline-offset` fall back quietly
and are allowed.
"""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Ours only: Bootstrap supports Chrome 60; its one `inset` is for floating labels, not used here.
STYLES = sorted((ROOT / "static" / "css").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# pattern: first Chromium that knows it
CSS_TOO_NEW = {
    r":has\(": 105,
    r":is\(": 88,
    r":where\(": 88,
    r":user-(in)?valid": 119,
    r":popover-open": 114,
    r"(?<![\w-])aspect-ratio\s*:": 88,
    r"(?<![\w.-])inset(-inline|-block)?\s*:": 87,
    r"\b(margin|padding)-(inline|block)\s*:": 87,
    r"@container|\bcontainer(-type|-name)?\s*:": 105,
    r"@layer\b": 99,
    r"@scope\b|@starting-style\b": 118,
    r"@media[^{]*\(\s*(width|height)\s*[<>=]": 104,
    r"[{;]\s*&": 112,
    r"\bcolor-mix\(|\bokl(ab|ch)\(|\blch\(|\blab\(": 111,
    r"\blight-dark\(": 123,
    r"\bsubgrid\b": 117,
    r"\d(dvh|svh|lvh|dvw|cqw|cqi)\b": 108,
    r"\btext-wrap\s*:": 114,
    r"\bfield-sizing\s*:": 123,
    r"\bscrollbar-(gutter|color|width)\s*:": 94,
    r"\boverflow(-[xy])?\s*:\s*clip\b": 90,
    r"[{;]\s*(translate|rotate|scale)\s*:": 104,
    r"@import\b": 0,  # known for ever, and one more round trip each
}
JS_TOO_NEW = {
    r"\.at\(": 92,
    r"\bstructuredClone\b": 98,
    r"\bObject\.(hasOwn|groupBy)\b": 93,
    r"\.(findLast|findLastIndex)\(": 97,
    r"\.(toSorted|toReversed|toSpliced)\(": 110,
    r"(\|\||&&|\?\?)=": 85,
    r"\bstatic\s*\{": 94,
    r"\bthis\.#|^\s*(static\s+)?#\w+\s*[(=;]": 84,
    r"^await\b": 89,
    r"\brandomUUID\(": 92,
    r"\bAbortSignal\.(timeout|any)\b": 103,
    r"\bPromise\.(withResolvers|try)\b": 119,
    r"\.checkVisibility\(": 105,
    r"\.(showPopover|togglePopover)\(": 114,
    r"\bArray\.fromAsync\b": 121,
    r"\binnerHTML\s*\+=|\bdocument\.write\b|\beval\(|\bnew Function\b": 0,  # unsafe at any age
}
HTML_REFUSED = {
    r"<style\b": "the policy allows no inline style",
    r"\sstyle\s*=": "the policy allows no style attribute",
    r"<script\b(?![^>]*\bsrc=)": "the policy allows no inline script",
    r"\son[a-z]+\s*=\s*[\"']": "the policy allows no handler in an attribute",
    r"\s(src|href|action)\s*=\s*[\"'](https?:)?//": "nothing comes from another host",
    r"\s(popover|inert)(\s|=|>)|<search\b": "newer than Chromium 86",
    r"<script\b(?![^>]*\bdefer\b)": "scripts are deferred",
}


def without_comments(text: str) -> str:
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)


def template_without_comments(text: str) -> str:
    text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
    return re.sub(r"\{#.*?#\}", "", text)


def found(patterns: dict, text: str) -> list[str]:
    return [pattern for pattern in patterns if re.search(pattern, text, re.MULTILINE)]


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_style_sheets_use_nothing_newer_than_chromium_86_R134(path):
    text = without_comments(path.read_text(encoding="utf-8"))
    text = re.sub(
        r"@supports [^{]*\{([^{}]*\{[^}]*\})*\s*\}", "", text
    )  # what stands before it serves

    assert found(CSS_TOO_NEW, text) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_use_nothing_newer_than_chromium_86_R134(path):
    text = without_comments(path.read_text(encoding="utf-8"))

    assert found(JS_TOO_NEW, text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_keep_the_strict_policy(path):
    text = template_without_comments(path.read_text(encoding="utf-8"))

    assert found(HTML_REFUSED, text) == []


@pytest.mark.parametrize(
    "sample",
    [
        "a:has(b) { color: red }",
        ".x { inset: 0 }",
        ".x { aspect-ratio: 1 }",
        ".a { & .b { color: red } }",
        "@media (width >= 10em) { a { color: red } }",
        '@import "more.css";',
    ],
)
def test_the_list_would_notice_newer_styles(sample):
    assert found(CSS_TOO_NEW, sample)


@pytest.mark.parametrize("sample", ["list.at(-1)", "a ||= b", "class A { f() { this.#x() } }"])
def test_the_list_would_notice_newer_scripts(sample):
    assert found(JS_TOO_NEW, sample)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "templates" / "includes").glob("*.html")), ids=lambda path: path.name
)
def test_every_include_opens_by_saying_what_it_expects(path):
    opening = path.read_text(encoding="utf-8").lstrip()

    assert opening.startswith(("{#", "{% comment %}"))
    assert "xpects" in opening.split("\n{% load")[0][:600]


def test_what_every_staff_page_loads_leaves_room_for_the_page():
    common = [
        "vendor/bootstrap/bootstrap.min.css",
        "css/base.css",
        "js/page.js",
        "js/keep.js",
    ]

    sizes = [len(gzip.compress((ROOT / "static" / name).read_bytes(), 6)) for name in common]

    assert sum(sizes) < 48_000  # of 60 KB for a first visit, on a connection without brotli


def test_screens_have_the_tokens_of_variables_css_in_base_css():
    tokens = (ROOT / "static/css/variables.css").read_text("utf-8").partition(":root {")[2]

    assert tokens in (ROOT / "static/css/base.css").read_text("utf-8")


def test_one_script_serves_one_behaviour():
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in SCRIPTS}

    # Drafts and the connection meet at every press; a file more would be a request more.
    assert lengths.pop("keep.js") <= 175
    assert {name: lines for name, lines in lengths.items() if lines > 150} == {}
