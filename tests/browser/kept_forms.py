"""Which forms of a page are long, and whether what is typed into them is kept.

Long is a form with a field for sentences, or with six or more fields to write into: losing it
costs a minute or more. Each keeps drafts (security.long_forms), or stands here with the reason.
"""

from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

MANY = 6
WRITTEN = {"text", "number", "tel", "date", "time", "email", "url", "datetime-local", "month"}
# By the address that the form is sent to: its URL name.
EXCUSED = {
    "patient_list": "it asks for a list and writes nothing",
    "dispense": "the amounts are filled in; old ones must not come back at the window",
}


class _Forms(HTMLParser):
    """Counts, per form, what can be written into, also by fields that stand outside of it."""

    def __init__(self):
        super().__init__()
        self.forms: list[dict] = []
        self.open: dict | None = None
        self.named: dict[str, dict] = {}
        self.outside: list[tuple[str, str]] = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.open = {"attributes": given, "fields": 0, "sentences": 0, "is_kept": False}
            self.open["is_kept"] = "data-draft-url" in given
            self.forms.append(self.open)
            if given.get("id"):
                self.named[given["id"]] = self.open
            return
        kind = "textarea" if tag == "textarea" else given.get("type", "text")
        if tag not in ("input", "textarea") or "readonly" in given or "disabled" in given:
            return
        if given.get("form"):
            self.outside.append((given["form"], kind))
        elif self.open is not None:
            self._count(self.open, kind)
            self.open["is_kept"] |= "data-draft-url" in given

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None

    @staticmethod
    def _count(form: dict, kind: str) -> None:
        form["sentences"] += kind == "textarea"
        form["fields"] += kind in WRITTEN

    def long(self):
        for name, kind in self.outside:
            if name in self.named:
                self._count(self.named[name], kind)
        for form in self.forms:
            is_sent = form["attributes"].get("method", "get").lower() == "post"
            if is_sent and (form["sentences"] or form["fields"] >= MANY):
                yield form


def _name_of(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name if address.startswith("/") else ""
    except Resolver404:
        return ""


def unkept(source: str, url_name: str) -> list[str]:
    """The long forms of this page that keep no draft and have no excuse."""
    parser = _Forms()
    parser.feed(source)
    found = []
    for form in parser.long():
        target = _name_of(form["attributes"].get("action") or "") or url_name
        if not form["is_kept"] and target not in EXCUSED:
            found.append(
                f"a long form ({form['fields']} fields, {form['sentences']} for sentences) to "
                f"{target} keeps no draft"
            )
    return found
