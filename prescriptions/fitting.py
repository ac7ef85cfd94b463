"""How the drugs fit on the paper: the letters shrink, then a second page begins (R-162).

Where five drugs have long texts the letters shrink from 10.5 to 9.5 and 9 points; what still
doesn't fit goes on a second page.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from prescriptions.layout import Layout, Paper


@dataclass(frozen=True)
class Size:
    """A size of letters: its class, its points, and what of the page it leaves for drugs."""

    name: str
    points: float

    @property
    def letter(self) -> float:
        """Width of a full-width character in millimetres."""
        return self.points * 0.3528

    @property
    def line(self) -> float:
        return self.letter * 1.35


SIZES = [
    Size("rx-larger", 12),
    Size("", 10.5),
    Size("rx-smaller", 9.5),
    Size("rx-smallest", 9),
]
USUAL = SIZES[1]
SIGN_HERE = "　" * 16  # room of the second signature, in letters
# Millimetres of css/print-rx-v1.css: the columns of an item, and the room between Rp and the blank.
NAME_WIDTH, USAGE_WIDTH, GAP = 93, 119, 2.6
ROOM = 88


@dataclass(frozen=True)
class Page:
    """One sheet of paper."""

    number: int
    rows: list[dict]
    is_last: bool


def letters(text: str) -> float:
    """Width in full-width characters; Latin letters and digits take about half."""
    return sum(0.55 if ord(character) < 0x2E80 else 1 for character in text)


def height(row: dict, size: Size) -> float:
    """Millimetres that an item takes."""
    title = f"{row.get('group', '')}　{row['title']}" if row.get("group") else row["title"]
    lines = _lines(title, NAME_WIDTH, size) + _lines("Sig. " + row["usage"], USAGE_WIDTH, size)
    remarks = list(row["remarks"])
    if row.get("is_signed"):
        remarks[-1] += SIGN_HERE
    extra = sum(_lines(text, USAGE_WIDTH, Size("", 9)) for text in remarks)
    return lines * size.line + extra * Size("", 9).line + GAP


def _lines(text: str, width: float, size: Size) -> int:
    per_line = int(width / size.letter)
    return max(1, -(-int(letters(text) + 0.999) // per_line))


def lay_out(rows: list[dict], room: float = ROOM, points: float = 10.5) -> tuple[str, list[Page]]:
    """The class of the letters, and the rows page by page; the letters begin at `points`."""
    for size in (size for size in SIZES if size.points <= points):
        if sum(height(row, size) for row in rows) <= room:
            return size.name, [Page(1, rows, True)]
    pages, current, used = [], [], 0.0
    for row in rows:
        need = height(row, size)
        if current and used + need > room:
            pages.append(current)
            current, used = [], 0.0
        current.append(row)
        used += need
    pages.append(current)
    return size.name, [Page(n, part, n == len(pages)) for n, part in enumerate(pages, 1)]


def as_plain(page: Page, count: int) -> dict:
    """One page as plain values, with what stands at its foot."""
    foot = _("%(all)s pages, page %(number)s") % {"all": count, "number": page.number}
    return {"number": page.number, "rows": page.rows, "is_last": page.is_last, "foot": foot}


def leaves(pages: list[dict], layout: Layout) -> list[list[dict]]:
    """The pages by the piece of paper they stand on."""
    if layout.paper == Paper.A4_COPIES:
        return [[page, page] for page in pages]
    return [pages[at : at + layout.across] for at in range(0, len(pages), layout.across)]


def extra_head(cells: list[list], diagnosis: str, allergy: str) -> float:
    """Millimetres that a long head, diagnosis or allergy line takes beyond the usual."""
    line = USUAL.line
    texts = _lines(diagnosis, 108, USUAL) - 1 + _lines(allergy, 116, USUAL) - 1
    narrow = [cell for cell in cells if not cell[2]]
    cell_rows = [narrow[at : at + 3] for at in range(0, len(narrow), 3)]
    lines = sum(max(_cell_lines(cell, n) for n, cell in enumerate(row)) for row in cell_rows)
    lines += sum(_lines(f"{label}：{text}", 126, USUAL) for label, text, wide in cells if wide)
    gaps = len(cell_rows) + len(cells) - len(narrow) - 3
    return (texts + lines - 3) * line + max(gaps, 0)


# Millimetres of the three columns of the head.
COLUMNS = (50.8, 30.5, 40.6)
NARROWEST = 7.5  # letters that fit into the middle one


def _cell_lines(cell: list, column: int) -> int:
    label, text, _wide = cell
    room = COLUMNS[column] - letters(f"{label}：") * USUAL.letter - 2
    return _lines(text, max(room, USUAL.letter), USUAL)
