"""The forms of a page as a browser would send them, read by lxml."""

import uuid
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html

TEXT_TYPES = {"text", "search", "tel", "number", "date", "time", "password", "email", "month"}


@dataclass(frozen=True)
class Form:
    """Where it goes, what it holds, and the presses it knows."""

    page: str
    action: str
    method: str
    multipart: bool
    fields: tuple  # (name, value) pairs, in their order
    choices: dict = field(hash=False)  # name -> every value that can be chosen or stands there
    files: tuple = ()
    buttons: tuple = ()  # (name, value) of each submit button, ("", "") of a nameless one

    @property
    def names(self) -> list[str]:
        """Every field once, in its order; the token of the page is tried by a test of its own."""
        pressed = [name for name, _value in self.buttons if name]
        names = [name for name, _value in self.fields] + [*self.choices, *pressed]
        return [name for name in dict.fromkeys(names) if name != "csrfmiddlewaretoken"]

    def pairs(self, button=None) -> list[tuple[str, str]]:
        """As it would be sent untouched, with a once-token of its own."""
        sent = [
            (name, str(uuid.uuid4()) if name == "once" else value) for name, value in self.fields
        ]
        if button is None:
            button = self.buttons[0] if self.buttons else ("", "")
        return [*sent, button] if button[0] else sent


def document(content: bytes):
    """The page as a tree; None when it is empty."""
    try:
        return lxml.html.document_fromstring(content.decode("utf-8", "replace"))
    except (lxml.etree.ParserError, ValueError):
        return None


def links_of(tree, page: str) -> list[str]:
    """Addresses of our own that the page leads to."""
    found = []
    for name in ("href", "src", "data-url", "data-href", "data-poll", "data-suggest"):
        for value in tree.xpath(f"//@{name}"):
            address = _own(value, page)
            if address and not address.startswith("/static/"):
                found.append(address)
    return list(dict.fromkeys(found))


def _own(value: str, page: str) -> str:
    try:
        parts = urlsplit(urljoin(page, value.strip()))
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def forms_of(tree, page: str) -> list[Form]:
    return [form for node in tree.forms for form in _read(node, page)]


def _read(node, page: str):
    fields, choices, files, buttons = [], {}, [], []
    outside = node.getroottree().xpath("//*[@form=$id]", id=node.get("id") or "-")
    for element in [*node.iter(), *outside]:
        name, kind = element.get("name") or "", (element.get("type") or "text").lower()
        if element.tag == "button" or (element.tag == "input" and kind in ("submit", "image")):
            if kind != "button" and kind != "reset":
                buttons.append((name, element.get("value") or "", element.get("formaction")))
        elif not name or element.tag not in ("input", "select", "textarea"):
            continue
        elif element.tag == "select":
            options = element.xpath(".//option")
            values = [o.get("value", o.text or "") for o in options]
            choices.setdefault(name, []).extend(values)
            chosen = [
                o.get("value", o.text or "") for o in options if o.get("selected") is not None
            ]
            if not chosen and element.get("multiple") is None:
                chosen = values[:1]
            fields += [(name, value) for value in chosen]
        elif element.tag == "textarea":
            choices.setdefault(name, [])
            fields.append((name, element.text or ""))
        elif kind == "file":
            files.append(name)
        elif kind in ("checkbox", "radio"):
            choices.setdefault(name, []).append(element.get("value", "on"))
            if element.get("checked") is not None:
                fields.append((name, element.get("value", "on")))
        else:
            choices.setdefault(name, []).append(element.get("value") or "")
            fields.append((name, element.get("value") or ""))
    by_action = {}
    for name, value, elsewhere in buttons:
        by_action.setdefault(elsewhere, []).append((name, value))
    by_action.setdefault(None, [])
    for elsewhere, presses in by_action.items():
        action = _own(elsewhere or node.get("action") or page, page)
        if action:
            yield Form(
                page=page,
                action=action,
                method=(node.get("method") or "get").upper(),
                multipart="multipart" in (node.get("enctype") or ""),
                fields=tuple(fields),
                choices=choices,
                files=tuple(files),
                buttons=tuple(presses),
            )


def encoded(pairs) -> bytes:
    """As a browser writes a form; values may be bytes that are no text."""
    return urlencode(
        [(n, v if isinstance(v, bytes) else v.encode("utf-8", "surrogatepass")) for n, v in pairs]
    ).encode()


BOUNDARY = "hostile-boundary-0123456789"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
URLENCODED = "application/x-www-form-urlencoded"


def multipart(pairs, files=()) -> bytes:
    """`files`: (field, name, type, content) of each."""
    parts = []
    for name, value in pairs:
        raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(head.encode("utf-8", "surrogatepass") + raw + b"\r\n")
    for name, file_name, kind, content in files:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; '
        head += f'filename="{file_name}"\r\nContent-Type: {kind}\r\n\r\n'
        parts.append(head.encode("utf-8", "surrogatepass") + content + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
