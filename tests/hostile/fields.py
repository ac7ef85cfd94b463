"""Every field of every form with every value, and the forms put together wrongly."""

import json
import random
import re
from collections import defaultdict

from tests.hostile import forms, values
from tests.hostile.forms import Form, encoded, multipart
from tests.hostile.lab import Request
from tests.hostile.walk import shape

NUMBERS = re.compile(r"\d+")
# Where somebody else's number would lead to somebody else's record.
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9]{1,9}")
UNASKED = ("id", "pk", "by", "user", "owner", "patient", "is_superuser", "is_active", "state")
UNASKED += ("kept", "typed_page", "typed_since", "next", "back", "do", "step", "as", "page", "once")
ODD_NAMES = ("", "\0", "a[b][]", "__class__", "字" * 100, "x" * 100_000, "%00", "a b\r\nX: y", "..")
PAIRS = 60  # of two or three fields at once in each form
MANY = 2001  # one more than DATA_UPLOAD_MAX_NUMBER_FIELDS


def kind_of(name: str) -> str:
    """Fields of a list's rows are one kind: `12-quantity` and `13-quantity`."""
    return NUMBERS.sub("N", ID.sub("N", name))


def ids_of(found: list) -> dict[str, list]:
    """Every number that stands anywhere in a field of this name, for whoever sees it."""
    pool = defaultdict(set)
    for _who, form in found:
        for name, offered in form.choices.items():
            pool[kind_of(name)] |= {value for value in offered if ID.fullmatch(value)}
        for name, value in (*form.fields, *form.buttons):
            if ID.fullmatch(value):
                pool[kind_of(name)].add(value)
    return {name: sorted(held) for name, held in pool.items()}


class Typist:
    """Requests made of one person's form."""

    def __init__(self, who: str, form: Form, ids: dict, others: list, chance: random.Random):
        self.who, self.form, self.ids, self.others = who, form, ids, others
        self.chance = chance
        self.about = f"{who} {form.method} {shape(form.action)}"

    def pairs(self) -> list:
        buttons = self.form.buttons
        return self.form.pairs(self.chance.choice(buttons) if buttons else None)

    def request(self, title: str, pairs, *, files=(), field="") -> Request:
        about, form = f"{self.about} {field}", self.form
        if form.method == "GET":
            path = form.action.partition("?")[0]
            query = encoded([(n, v[:6000]) for n, v in pairs])[:60_000].decode()
            return Request(title, "GET", f"{path}?{query}", about=about, plain=self.meant)
        if form.multipart:
            body, kind = multipart(pairs, files), forms.MULTIPART
        else:
            body, kind = encoded(pairs), forms.URLENCODED
        return Request(title, "POST", form.action, body, kind, about=about, plain=self.meant)

    def meant(self) -> list[Request]:
        """The form as it stands, with each of its buttons."""
        buttons = self.form.buttons or (("", ""),)
        return [self.request("as meant", self.form.pairs(button)) for button in buttons]

    def with_value(self, name: str, value) -> list:
        """The form with this in place of the field's value, or added."""
        pairs = self.pairs()
        if name in [n for n, _ in pairs]:
            return [(n, value if n == name else v) for n, v in pairs]
        return [*pairs, (name, value)]

    def kinds(self) -> list[str]:
        """One field of each kind."""
        return list({kind_of(name): name for name in self.form.names}.values())

    def typed(self):
        for name in self.kinds():
            for title, value in values.ALL.items():
                if self.form.method == "GET" and title not in values.SHORT:
                    continue
                yield self.request(title, self.with_value(name, value), field=name)

    def of_others(self):
        """Numbers of rows that this page does not offer."""
        for name in self.kinds():
            known = self.ids.get(kind_of(name), [])
            held = [value for n, value in self.form.fields if n == name]
            if not known and not any(ID.fullmatch(value) for value in held):
                continue
            offered = set(self.form.choices.get(name, ()))
            strange = [value for value in known if value not in offered][:25]
            strange += self.chance.sample(self.others, 5)
            for value in strange:
                yield self.request(f"another's {value}", self.with_value(name, value), field=name)

    def everywhere(self):
        """The same in all fields at once."""
        for title, value in values.ALL.items():
            if len(value) < 6000:
                pairs = [(n, value if n != "once" else v) for n, v in self.pairs()]
                yield self.request(f"{title}, everywhere", pairs)

    def together(self):
        """Two or three fields at once: each may take what they do not take together."""
        kinds, titles = self.kinds(), list(values.NUMBERS)
        for _n in range(PAIRS if len(kinds) > 1 else 0):
            pairs, told = self.pairs(), []
            for name in self.chance.sample(kinds, min(len(kinds), self.chance.choice((2, 3)))):
                title = self.chance.choice(titles)
                pairs = [p for p in pairs if p[0] != name] + [(name, values.NUMBERS[title])]
                told.append(f"{name} {title}")
            yield self.request("; ".join(told), pairs, field="together")

    def misbuilt(self):
        whole = self.pairs()
        for button in self.form.buttons or [("", "")]:
            yield self.request(f"button {button}", self.form.pairs(button))
        for name in self.kinds():
            yield self.request("missing", [p for p in whole if p[0] != name], field=name)
            for value in ("", "x", "1", values.SCRIPT):
                yield self.request("twice", [*whole, (name, value), (name, value)], field=name)
                yield self.request("list", [*whole, (f"{name}[]", value)], field=name)
        yield self.request("nothing", [])
        yield self.request("backwards", whole[::-1])
        for name in UNASKED:
            for value in ("1", "x", f"//{values.HOST}/", "true", "[]"):
                yield self.request(f"unasked {name}={value}", [*whole, (name, value)])
        for name in ODD_NAMES:
            yield self.request("odd name", [*whole, (name, "1")], field=name[:20])
        many = [(f"x{number}", "1") for number in range(MANY)]
        yield self.request("many fields", [*whole, *many])
        first = (self.form.names or ["x"])[0]
        yield self.request("one field many times", [*whole, *[(first, "1")] * 1900])

    def wrongly_packed(self):
        """Bodies that are not what their header says."""
        form = self.form
        if form.method == "GET":
            return
        pairs = self.pairs()
        urlencoded, parts = encoded(pairs), multipart(pairs)
        whole = json.dumps({n: v for n, v in pairs if isinstance(v, str)}).encode()
        file = [(name, "x.xlsx", "text/plain", b"PK\x03\x04") for name in form.files or ("file",)]
        bodies = {
            "JSON": (whole, "application/json"),
            "JSON as a form": (whole, forms.URLENCODED),
            "XML": (b"<a/>", "text/xml"),
            "no kind": (urlencoded, ""),
            "odd kind": (urlencoded, "application/x-www-form-urlencoded; charset=utf-7"),
            "no charset there is": (urlencoded, "application/x-www-form-urlencoded; charset=hx"),
            "UTF-16": (urlencoded, "application/x-www-form-urlencoded; charset=utf-16"),
            "parts with a charset": (parts, forms.MULTIPART + "; charset=hx"),
            "parts, no border": (parts, "multipart/form-data"),
            "parts, empty border": (parts, "multipart/form-data; boundary="),
            "parts, long border": (parts, "multipart/form-data; boundary=" + "x" * 5000),
            "parts, another border": (parts, "multipart/form-data; boundary=other"),
            "parts, odd border": (parts, "multipart/form-data; boundary=\xff\xfe"),
            "parts as a form": (parts, forms.URLENCODED),
            "a form as parts": (urlencoded, forms.MULTIPART),
            "cut off": (parts[: len(parts) // 2], forms.MULTIPART),
            "cut off in a header": (parts[:60], forms.MULTIPART),
            "files nobody asked for": (multipart(pairs, file), forms.MULTIPART),
            "fields as files": (
                multipart([], [(n, "x", "text/plain", b"1") for n, _ in pairs]),
                forms.MULTIPART,
            ),
            "files as fields": (
                multipart([*pairs, *((name, "x") for name in form.files)]),
                forms.MULTIPART,
            ),
            "parts in base64": (
                parts.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
                forms.MULTIPART,
            ),
            "parts without names": (parts.replace(b"; name=", b"; nome="), forms.MULTIPART),
            "parts inside parts": (multipart([("x", parts)]), forms.MULTIPART),
            "no characters": (bytes(range(256)) * 8, forms.URLENCODED),
            "escapes cut off": (b"a=%&b=%z&%=%E4%&=&&&;=" + urlencoded, forms.URLENCODED),
        }
        for title, (body, kind) in bodies.items():
            yield Request(title, "POST", form.action, body, kind, about=self.about)

    def one(self) -> Request:
        """Any of all these."""
        parts = (self.typed, self.typed, self.of_others, self.misbuilt, self.together)
        part = self.chance.choice(parts)
        if part == self.typed and self.form.names:
            held = values.SHORT if self.form.method == "GET" else values.ALL
            name, title = self.chance.choice(self.kinds()), self.chance.choice(list(held))
            return self.request(title, self.with_value(name, held[title]), field=name)
        found = list(part()) or list(self.misbuilt())
        return self.chance.choice(found)

    def all(self):
        for part in (
            self.typed, self.of_others, self.together, self.everywhere, self.misbuilt,
            self.wrongly_packed,
        ):  # fmt: skip
            for request in part():
                yield part.__name__, self.who, request
