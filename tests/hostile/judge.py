"""What an answer must never hold."""

import lxml.html

from tests.hostile.values import MARK, RENDERED

ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "srcdoc")


def body_of(answer) -> bytes:
    if getattr(answer, "streaming", False):
        return answer.getvalue()
    return answer.content


def faults_of(answer) -> list[str]:
    """Everything in it that would be carried out, by a browser or by us."""
    found = [
        f"header {name}: {value[:80]}"
        for name, value in answer.headers.items()
        if MARK in name.lower()
    ]
    where = answer.get("Location", "")
    if _leads_away(where):
        found.append(f"sends to {where[:80]}")
    content = body_of(answer)
    if RENDERED.encode() in content:
        found.append("a template was rendered")
    kind = answer.get("Content-Type", "")
    if kind.startswith("text/html") and MARK.encode() in content:
        found += _of_html(content)
    return found


def _leads_away(address: str) -> bool:
    plain = address.strip().replace("\\", "/").lower()
    if plain.startswith(("javascript:", "data:")):
        return True
    return plain.startswith(("//", "http://", "https://", "/\\")) and MARK in plain.split("/")[2]


def _of_html(content: bytes) -> list[str]:
    """Our mark as an element, an attribute that is carried out, or an address."""
    tree = lxml.html.document_fromstring(content.decode("utf-8", "replace"))
    found = []
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ("script", "style") and MARK in (element.text or ""):
            found.append(f"a {element.tag} element of ours")
        for name, value in element.attrib.items():
            if name.startswith("on") and MARK in value:
                found.append(f"attribute {name} of {element.tag}")
            elif name in ADDRESSES and MARK in value and _leads_away(value):
                found.append(f"{name} of {element.tag} leads to {value[:60]}")
    return found
