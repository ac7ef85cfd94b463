"""The rows of a supplier's list as lines of the form."""

from clinic.core.tables import matching
from clinic.core.tables.kinds import Row, Status
from pharmacy.lists.amounts import amounts_of
from pharmacy.lists.columns import FEWEST, IN_ORDER, LONGEST, NAMING, SupplierList
from pharmacy.lists.drugs import drug_of, known, words_of

KIND = SupplierList()
DOUBT = 300  # characters of what is doubtful about one line
ROW = list[int | list]  # [number, cells], as clinic.core.tables.reading hands it over


class SupplierRows:
    """The list, matched: `has_headings` is False where its columns are only taken in order."""

    def __init__(self, rows: list[ROW]):
        header = matching.header_among(KIND, rows)
        cells = next((cells for number, cells in rows if number == header), [])
        self.headings = matching.texts(cells)
        self.mapping = matching.match(KIND, self.headings)
        self.has_headings = len(self.mapping) >= FEWEST and bool(NAMING & set(self.mapping))
        if not self.has_headings:
            header, self.headings = 0, []
            self.mapping = {name: at for at, name in enumerate(IN_ORDER)}
        self.rows = [row for row in (Row(*row) for row in rows) if self._is_read(row, header)]

    def _is_read(self, row: Row, header: int) -> bool:
        matching.parse(KIND, self.mapping, header, self.headings, row)
        return row.status != Status.SKIPPED

    @property
    def unused(self) -> list[str]:
        """Headings of which the form has no box."""
        places = set(self.mapping.values())
        return [word for at, word in enumerate(self.headings) if word and at not in places]

    def lines(self, cells: list[str], most: int) -> list[dict]:
        """The first rows as lines with these `cells`, each with what is doubtful about it."""
        rows = self.rows[:most]
        drugs = known([row.values for row in rows])
        return [_line(row, drugs, cells) for row in rows]

    def rest(self, first: int) -> str:
        """The rows from `first` on as they could be pasted, under their headings; "" for none."""
        rows = [matching.texts(row.cells) for row in self.rows[first:]]
        if rows and self.has_headings:
            rows = [self.headings, *rows]
        return "\n".join("\t".join(row) for row in rows)


def pasted_rows(text: str) -> list[ROW]:
    """The cells of copied rows: a spreadsheet puts tabs between them."""
    rows = [[cell.strip() for cell in line.split("\t")] for line in text.splitlines()]
    return [[number, row] for number, row in enumerate(rows, 1) if any(row)]


def _line(row: Row, drugs: dict, cells: list[str]) -> dict:
    values = row.values
    line = {name: values.get(name, "")[:LONGEST] for name in cells}
    drug, doubt = drug_of(values, drugs)
    amounts = amounts_of(values, drug)
    line |= {"packs": amounts.packs, "pieces": amounts.pieces, "cost": amounts.cost}
    if drug:
        line |= {"drug": str(drug.pk), "drug_text": drug.label}
    else:
        line["drug_text"] = words_of({**values, "maker": ""})[:LONGEST]
    line["doubt"] = " ".join(filter(None, [doubt, *amounts.doubts, *row.words]))[:DOUBT]
    return line
