"""What every import page shows and takes; the app's own views add who may and which address."""

import re

from django import forms
from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core import jobs
from clinic.core.models import Job, TableImport
from clinic.core.tables import imports, refused, writing
from clinic.core.tables.kinds import Row, TableKind, kind_of
from clinic.core.tables.matching import texts
from clinic.core.tables.plain import ENCODINGS
from clinic.core.tables.reading import MAX_BYTES

ANSWER = re.compile(r"a(\d{1,7})_(\d{1,7})", re.ASCII)
PAGE = 20
ROWS = 50
State = TableImport.State
STEPS = [
    (gettext_lazy("File"), (State.READING,)),
    (gettext_lazy("Columns"), (State.MATCHING,)),
    (gettext_lazy("Preview"), (State.CHECKING, State.READY)),
    (gettext_lazy("Import"), (State.WRITING, State.DONE)),
]
ENCODING_WORDS = {"utf-8": "UTF-8", "gb18030": "GB18030 (GBK)", "big5": "Big5"}
ENCODING_WORDS |= {"utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE"}


class UploadForm(forms.Form):
    """The file; nothing else is asked before it was looked at."""

    file = forms.FileField(
        label=gettext_lazy("File (Excel xls or xlsx, or CSV; at most 10 MB)"),
        error_messages={
            "required": gettext_lazy("No file came. Please choose one of at most 10 MB."),
            "empty": gettext_lazy("The file is empty. Please choose the file with the table."),
        },
        widget=forms.FileInput(attrs={"accept": ".xls,.xlsx,.csv,.tsv,.txt"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is bigger than 10 MB. Please divide it into several files.")
            )
        return file


class SourceForm(forms.Form):
    """Which sheet, which encoding, which row is the heading."""

    sheet = forms.TypedChoiceField(label=gettext_lazy("Sheet"), coerce=int, required=False)
    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), required=False)
    header = forms.TypedChoiceField(label=gettext_lazy("Row with the headings"), coerce=int)

    def __init__(self, kind: TableKind, head: dict, data=None):
        source = head["source"]
        super().__init__(
            data,
            initial={
                "sheet": head["sheet"],
                "encoding": head["encoding"] or source["encoding"],
                "header": head["header"],
            },
        )
        self.fields["sheet"].choices = list(enumerate(source["sheets"]))
        self.fields["encoding"].choices = [(name, ENCODING_WORDS[name]) for name in ENCODINGS]
        self.fields["header"].choices = [(0, _("none: the table has no headings"))] + [
            (number, f"{number}: {' · '.join(filter(None, _shown(kind, cells)))[:60]}")
            for number, cells in head["top"]
        ]
        if len(source["sheets"]) < 2:
            del self.fields["sheet"]
        if source["kind"] != "csv":
            del self.fields["encoding"]


class MatchForm(forms.Form):
    """For each column of the file: what it is."""

    def __init__(self, kind: TableKind, head: dict, data=None):
        super().__init__(data)
        self.kind = kind
        places = {at: key for key, at in head["mapping"].items()}
        choices = [("", _("leave out"))] + [
            (column.key, f"{column.label}{' *' if column.required else ''}")
            for column in kind.columns
        ]
        for at in range(head["width"]):
            heading = head["headings"][at] if at < len(head["headings"]) else ""
            self.fields[f"c{at}"] = forms.ChoiceField(
                label=heading or _("Column %(number)s") % {"number": at + 1},
                choices=choices,
                required=False,
                initial=places.get(at, ""),
            )

    def rows(self, head: dict):
        """(field, first values below the heading) of each column of the file."""
        for at, bound in enumerate(self):
            values = [row[at] for row in head["sample"] if at < len(row) and row[at]]
            yield bound, [self.kind.shown(value) for value in values[:3]]

    def mapping(self) -> dict[str, int]:
        """Column key -> place; what was chosen twice is an error of the second field."""
        found: dict[str, int] = {}
        for at, name in enumerate(self.fields):
            key = self.cleaned_data.get(name)
            if key and key in found:
                self.add_error(name, _("This was chosen twice. Please choose each one only once."))
            elif key:
                found[key] = at
        return found


class OptionsForm(forms.Form):
    """What is decided for the whole file before its lines are checked."""

    def __init__(self, kind: TableKind, head: dict, data=None):
        super().__init__(data, prefix="option")
        chosen = head.get("options", {})
        for option in kind.options:
            self.fields[option.key] = forms.ChoiceField(
                label=option.label,
                choices=option.answers,
                initial=chosen.get(option.key, option.answers[0][0]),
                widget=forms.RadioSelect,
            )
            self.fields[option.key].widget.tiles_column = True


class AnswersForm(forms.Form):
    """What shall become of each line that asks, and of all the others that ask."""

    def __init__(self, kind: TableKind, rows: list[Row], rest: str):
        super().__init__()
        nothing = [("", _("not decided"))]
        for row in rows:
            self.fields[f"a{row.chunk}_{row.number}"] = forms.ChoiceField(
                label=_("Line %(number)s") % {"number": row.number},
                choices=nothing + kind.answers_of(row),
                initial=row.answer,
                required=False,
            )
        self.fields["rest"] = forms.ChoiceField(
            label=_("All lines that are not decided"),
            choices=[("", _("leave out: they come back in the file of refused lines"))]
            + [pair for pair in kind.answers if pair[0] != "skip"],
            initial=rest,
            required=False,
        )


def answers_in(data) -> dict:
    """The arguments of imports.answer that a form brought."""
    found = {}
    for name, value in data.items():
        if match := ANSWER.fullmatch(name):
            found[int(match[1]), int(match[2])] = value
    return {"answers": found, "rest": data.get("rest")}


def list_context(kind: str, request) -> dict:
    """The page with the upload form: earlier imports below."""
    tables = TableImport.objects.filter(kind=kind).select_related("created_by", "job")
    page = Paginator(tables, PAGE).get_page(request.GET.get("page"))
    for table in page:
        table.file_name = table.read_head()["file_name"]
    return {"page": page}


def work_at(table_id) -> None:
    """A small table is done before the next page is shown; of a large one the rest comes later."""
    job_id = TableImport.objects.values_list("job", flat=True).get(pk=table_id)
    jobs.drive(job_id)


def show_context(table: TableImport, request, *, match_form=None, source_form=None) -> dict:
    """What the page of one import shows in its present state."""
    head = table.read_head()
    kind = kind_of(table.kind)
    context = {
        "table": table,
        "head": head,
        "done_words": kind.done,
        "steps": _steps(table),
        "failed": table.job.state == Job.State.FAILED,
        "stuck": bool(head.get("error")),
    }
    if table.state == State.MATCHING and "source" in head:
        context["source_form"] = source_form or SourceForm(kind, head)
    if table.state == State.MATCHING and not head.get("error"):
        match_form = match_form or MatchForm(kind, head)
        context |= {
            "match_form": match_form,
            "form": match_form,
            "columns": list(match_form.rows(head)),
            "options_form": OptionsForm(kind, head, _matching(request)) if kind.options else None,
            "unsure": not head["source"]["sure"],
        }
    if table.state in (State.READY, State.DONE, State.TAKING_BACK, State.TAKEN_BACK):
        context |= _rows_context(table, kind, head, request)
    if table.is_working:
        done = 100 * table.job.position // table.job.total if table.job.total else 0
        context["percent"] = done
    return context


def _steps(table: TableImport) -> list[dict]:
    now = next((at for at, (_w, states) in enumerate(STEPS) if table.state in states), len(STEPS))
    return [
        {"word": word, "state": "done" if at < now else "now" if at == now else ""}
        for at, (word, _states) in enumerate(STEPS)
    ]


def _rows_context(table, kind: TableKind, head: dict, request) -> dict:
    show = _which(table, request.GET.get("show"))
    try:
        number = int(request.GET.get("page", 1))
    except ValueError:
        number = 1
    rows, total, number = imports.rows_shown(table, show, page=number, size=ROWS)
    stays = sum(table.chunks.values_list("refused", flat=True))
    rest = head.get("options", {}).get("rest", "")
    form = AnswersForm(kind, rows if show == "asked" else [], rest)
    return {
        "show": show,
        "page": Paginator(range(total), ROWS).get_page(number),
        "answers_form": form if show == "asked" and table.state == State.READY else None,
        "rows": [
            {
                "row": row,
                "names": [kind.shown(name) for name in _names(kind, head, row)],
                "named": kind.named(row),
                "words": [kind.shown(words) for words in row.words],
                "answer": form[f"a{row.chunk}_{row.number}"] if show == "asked" else None,
            }
            for row in rows
        ],
        "notes": [
            column.without
            for column in kind.columns
            if column.without and column.key not in head["mapping"]
        ],
        "refused": stays,
    }


def _matching(request):
    """What was posted, when it was the columns."""
    return request.POST if request.POST.get("do") == "match" else None


def _which(table: TableImport, wanted: str | None) -> str:
    """Which lines the page shows: the ones asked for, else those that need a person most."""
    if wanted in ("refused", "doubtful", "all") or wanted == "asked" and table.state == State.READY:
        return wanted
    if table.state == State.READY and table.asked:
        return "asked"
    return "refused" if table.refused or table.state == State.TAKEN_BACK else "doubtful"


def _shown(kind: TableKind, cells: list) -> list[str]:
    return [kind.shown(text) for text in texts(cells)]


def _names(kind: TableKind, head: dict, row: Row) -> list[str]:
    """The cells by which a person knows the row again."""
    cells = texts(row.cells)
    places = [head["mapping"][key] for key in kind.summary if key in head["mapping"]]
    return [cells[at] for at in places if at < len(cells) and cells[at]]


def refused_file(table: TableImport) -> StreamingHttpResponse:
    """The refused rows as CSV, which every spreadsheet program opens."""
    response = StreamingHttpResponse(
        writing.csv_lines(refused.rows(table)), content_type=writing.CSV_TYPE
    )
    name = f"refused-{timezone.localtime(table.created_at):%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
