"""How an entry of the audit log reads: kinds of things, names of fields and values in words.

A field without a word here or a name of its own in the model is technical (ids, versions, moments,
search keys) and is left out: it tells the auditor nothing.
"""

import re
from collections.abc import Callable

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from security.audit import MASK
from security.permissions import Role

KINDS = {
    "registration.call": _("Called"),
    "registration.session": _("Session"),
    "prescriptions.prescriptionevent": _("Course of this prescription"),
    "prescriptions.alertrecord": _("Medication alert"),
    "prescriptions.dispenseline": _("Handed out"),
}
FIELDS = {
    "state": _("State"),
    "new": _("State"),
    "kind": _("Kind"),
    "outcome": _("Outcome"),
    "priority": _("Priority"),
    "drug_name": _("Drug"),
    "skin_test": _("Skin test state"),
    "amount": _("Drug amount"),
    "vitals": _("Vital signs"),
    "code": _("Diagnosis"),
    "reviewer": _("Reviewed by"),
    "picker": _("Picked by"),
    "checker": _("Checked by"),
    "dispenser": _("Handed out by"),
    "reason": _("Reason"),
}
SHOWN_FIELDS = 8
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{32}")


_own: dict[tuple[str, type], Callable] = {}


def register_words(event: str, model: type, write: Callable) -> None:
    """`write(entry)` says what an entry of this event about such a thing tells the auditor."""
    _own[event, model] = write


def own_words(entry, model) -> str:
    """What the app that wrote the entry says of it; empty where none was registered."""
    write = _own.get((entry.event, model))
    return write(entry) if write else ""


def kind_word(model) -> str:
    """What sort of thing the entry is about; empty for one that nobody has named."""
    named = getattr(model._meta, "original_attrs", {}).get("verbose_name")
    return str(named or KINDS.get(model._meta.label_lower, ""))


def thing_word(text: str) -> str:
    """The thing's number or name, but not a bare id, which tells the auditor nothing."""
    return "" if _ID.search(text) else text


def field_words(model, changes: dict) -> str:
    """Names of the changed fields; values only where the entry holds any, i.e. harmless ones."""
    fields = {field.name: field for field in model._meta.get_fields()} if model else {}
    words = []
    for name, change in changes.items():
        label = _label(name, fields.get(name))
        if label and not _is_empty(change):
            words.append(label + _values(fields.get(name), change))
    words = list(dict.fromkeys(words))
    return "；".join(words[:SHOWN_FIELDS]) + ("…" if len(words) > SHOWN_FIELDS else "")


def _label(name: str, field) -> str:
    if name == "kind" and field is not None and not field.is_relation and not field.flatchoices:
        return ""  # a word between parts of the program, such as the kind of an import
    own = getattr(field, "verbose_name", None)
    return str(own if isinstance(own, Promise) else FIELDS.get(name, ""))


def _is_empty(change) -> bool:
    """Nothing stood there and nothing was written."""
    return isinstance(change, list) and all(value in (None, "None", "") for value in change)


def _values(field, change) -> str:
    """`: old → new` in words, nothing for a masked value or a reference to another thing."""
    if isinstance(change, dict) and change.get("type") == "m2m":
        sign = "−" if change.get("operation") == "delete" else "+"
        return ": " + "、".join(sign + _group(name) for name in change.get("objects", []))
    is_shown = isinstance(change, list) and len(change) == 2 and MASK not in change
    if not is_shown or field is None or field.is_relation:
        return ""
    old, new = (_value(field, value) for value in change)
    return f": {old} → {new or '–'}" if old else f": {new}" if new else ""


def _value(field, value) -> str:
    if value in (None, "None", ""):
        return ""
    if value in ("True", "False"):
        return gettext("yes") if value == "True" else gettext("no")
    choices = {str(key): str(label) for key, label in field.flatchoices}
    return choices.get(str(value), thing_word(str(value)))


def _group(name: str) -> str:
    """The role's name in words; a group that the clinic made itself has its own."""
    return str(Role(name).label) if name in Role.values else name


def admin_screen(screen: str) -> str:
    """`admin:app_model_change` as words; any other name of a screen as it is."""
    if not screen.startswith("admin:"):
        return screen
    app, _line, rest = screen.removeprefix("admin:").partition("_")
    model = rest.partition("_")[0]
    try:
        kind = kind_word(apps.get_model(app, model))
    except LookupError:
        kind = ""
    return f"{gettext('Administration')} {kind}".strip()
