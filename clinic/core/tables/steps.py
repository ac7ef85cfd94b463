"""The pages of an import and their steps, the same whatever the table is about."""

from collections.abc import Callable
from dataclasses import dataclass

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from clinic.core.models import TableImport
from clinic.core.posting import carry_out
from clinic.core.tables import imports, screens
from clinic.core.tables.kinds import kind_of

REFRESH_SECONDS = 3
# What a button of the page does that asks nothing.
VERBS = {
    "columns": imports.back_to_columns,
    "discard": imports.discard,
    "take_back": imports.take_back,
    "go_on": imports.go_on,
}


@dataclass(frozen=True)
class Steps:
    """Which kind of table, and the URL names of its list and of one import.

    The three pages are called by views of each app, which say who may open them.
    """

    kind: str
    list_url: str
    show_url: str
    # Called before rows of the file go to a screen: (request, table, context of the page).
    note: Callable[[object, TableImport, dict], None] | None = None

    def list_page(self, request, template: str):
        """Choose a file; earlier imports stand below."""
        form = screens.UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            response = self.bring(request, form)
            if response:
                return response
        context = {"form": form} | screens.list_context(self.kind, request)
        return render(request, template, context)

    def show_page(self, request, pk, template: str):
        """One import, wherever it stands; each button is one step on."""
        tables = TableImport.objects.filter(kind=self.kind).select_related("job", "created_by")
        table = get_object_or_404(tables, pk=pk)
        forms = {}
        if request.method == "POST":
            response, forms = self.take(request, table)
            if response:
                screens.work_at(table.pk)
                return response
            table.refresh_from_db()
        context = screens.show_context(table, request, **forms)
        if self.note:
            self.note(request, table, context)
        response = render(request, template, context)
        if table.is_working and not context["failed"]:
            response["Refresh"] = str(REFRESH_SECONDS)  # it follows, with and without script
        return response

    def refused_page(self, pk):
        """The refused lines with their reasons: corrected, the file can be imported again."""
        table = get_object_or_404(TableImport, kind=self.kind, pk=pk)
        if "headings" not in table.read_head():
            return redirect(self.show_url, pk=pk)
        return screens.refused_file(table)

    def show(self, table) -> str:
        return reverse(self.show_url, args=[table.pk])

    def _after(self, table) -> str:
        return reverse(self.list_url) if table.state == "discarded" else self.show(table)

    def bring(self, request, form):
        """A file came: read it. The response, or None when it was refused."""
        file, made = form.cleaned_data["file"], []
        response = carry_out(
            request,
            imports.bring,
            to=lambda table: made.append(table.pk) or self.show(table),
            form=form,
            kind=self.kind,
            content=file.read(),
            file_name=file.name,
        )
        for pk in made[-1:]:
            screens.work_at(pk)
        return response

    def take(self, request, table):
        """(response, forms to show again) of the button that was pressed."""
        step = request.POST.get("do", "")
        if step in VERBS:
            return carry_out(request, VERBS[step], to=self._after, table_id=table.pk), {}
        if step in ("answer", "start"):
            return self._answered(request, table, step), {}
        head = table.read_head()
        if step == "source" and "source" in head:
            return self._source(request, table, head)
        if step != "match" or head.get("error") or "source" not in head:
            return redirect(self.show_url, pk=table.pk), {}
        kind = kind_of(self.kind)
        form = screens.MatchForm(kind, head, request.POST)
        options = screens.OptionsForm(kind, head, request.POST)
        mapping = form.mapping() if form.is_valid() else {}
        if form.errors:
            return None, {"match_form": form}
        response = carry_out(
            request,
            imports.match,
            to=self.show,
            form=form,
            table_id=table.pk,
            mapping=mapping,
            options=options.cleaned_data if options.is_valid() else {},
        )
        return response, {"match_form": form}

    def _answered(self, request, table, step: str):
        """What was said of the lines that ask is kept, with whichever button."""
        verb = imports.answer if step == "answer" else imports.start
        said = screens.answers_in(request.POST)
        page = request.POST.get("next", "")
        more = f"?show=asked&page={page}" if step == "answer" and page.isdigit() else ""
        return carry_out(
            request, verb, to=lambda done: self.show(done) + more, table_id=table.pk, **said
        )

    def _source(self, request, table, head):
        form = screens.SourceForm(kind_of(self.kind), head, request.POST)
        if not form.is_valid():
            return None, {"source_form": form}
        said, now = form.cleaned_data, form.initial
        sheet, encoding = said.get("sheet", now["sheet"]), said.get("encoding") or now["encoding"]
        if (sheet, encoding) != (now["sheet"], now["encoding"]):
            arguments = {"sheet": sheet, "encoding": encoding}
            verb = imports.read_again
        else:
            arguments, verb = {"header": said["header"]}, imports.set_header
        response = carry_out(request, verb, to=self.show, form=form, table_id=table.pk, **arguments)
        return response, {"source_form": form}
