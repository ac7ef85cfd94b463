"""CSV and TSV: which encoding, which separator. Nothing of Django is needed here.

An encoding is only ever decided, never guessed silently: `decode` also says whether it is sure.
"""

import codecs
import csv
import io
from collections import Counter

BOMS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be")
SEPARATORS = ",\t;|"
SAMPLE = 200_000  # bytes or characters that decide
SAMPLE_LINES = 60


class Unreadable(Exception):
    """The file can't be read; `code` says why, `detail` where."""

    def __init__(self, code: str, detail: str = ""):
        super().__init__(code)
        self.code, self.detail = code, detail


def decode(content: bytes, encoding: str = "") -> tuple[str, str, bool]:
    """(text, encoding, sure). With an `encoding` chosen by a person only that one is tried."""
    for bom, name in BOMS:
        if content.startswith(bom):
            return _strictly(content[len(bom) :], name), name, True
    if encoding:
        return _strictly(content, encoding), encoding, True
    wide = _without_bom_utf16(content)
    if wide:
        return _strictly(content, wide), wide, True
    if _fits(content, "utf-8"):
        return content.decode("utf-8"), "utf-8", True
    return _chinese(content)


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable("encoding", str(line)) from None


def _fits(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _without_bom_utf16(content: bytes) -> str:
    """Commas and line ends of UTF-16 text have a zero byte on one side, always the same."""
    head = content[:SAMPLE]
    low, high = head[0::2].count(0), head[1::2].count(0)
    if max(low, high) * 20 < len(head) or min(low, high) * 4 > max(low, high):
        return ""
    return "utf-16-le" if high > low else "utf-16-be"


def _chinese(content: bytes) -> tuple[str, str, bool]:
    """GB18030 or Big5: the one that gives more characters of everyday use.

    Nearly every Big5 text is also valid GB18030, but of rare characters, and the other way round.
    """
    shares = {
        name: _everyday(content[:SAMPLE], name)
        for name in ("gb18030", "big5")
        if _fits(content, name)
    }
    if not shares:
        raise Unreadable("encoding")
    best = max(shares, key=shares.get)
    rest = max((share for name, share in shares.items() if name != best), default=0.0)
    sure = shares[best] >= 0.6 and shares[best] - rest >= 0.2
    return content.decode(best), best, sure


def _everyday(sample: bytes, encoding: str) -> float:
    """Share of the double bytes that lie where the encoding keeps its frequent characters."""
    first, last = (0xB0, 0xD7) if encoding == "gb18030" else (0xA4, 0xC6)
    frequent = total = at = 0
    while at < len(sample) - 1:
        lead, trail = sample[at], sample[at + 1]
        if lead < 0x80:
            at += 1
            continue
        total += 1
        everyday = first <= lead <= last and (encoding != "gb18030" or trail >= 0xA1)
        frequent += everyday
        at += 2
    return frequent / total if total else 0.0


def separator_of(text: str) -> str:
    """The separator that gives most lines the same number of cells; a comma when none does."""
    lines = text[:SAMPLE].splitlines()[:SAMPLE_LINES]
    best, most = ",", 0.0
    for mark in SEPARATORS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1)
        except csv.Error:  # a cell without end; reading all of it will say so
            continue
        if widths:
            width, times = widths.most_common(1)[0]
            score = times * min(width, 30) ** 0.5
            if score > most:
                best, most = mark, score
    return best


def rows(text: str):
    """(line number, cells) of each row."""
    reader = csv.reader(
        io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator_of(text)
    )
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error:
        raise Unreadable("quotes", str(reader.line_num)) from None
