"""The keyboard map as the help shows it: from the one table of keys (security.shortcuts)."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from security import shortcuts

# These belong to every form and list and can't be switched off.
PLAIN = [
    ("Shift Enter", _("previous field"), _("forms")),
    ("Ctrl Enter", _("leaves a field of several lines"), _("forms")),
    ("↑ ↓", _("choose in a list, Enter takes it"), _("open lists")),
    ("Esc", _("closes the list"), _("open lists")),
]
EVERYWHERE = {"F9", "0", "u", "Enter"}
OF_CODE = {key.code: key for key in shortcuts.KEYS}


@dataclass(frozen=True)
class Shown:
    """A key as this person has it: how it is pressed, and which ways are switched off."""

    caps: tuple[tuple[str, bool], ...]
    does: object
    where: object

    @property
    def is_off(self) -> bool:
        return all(off for _cap, off in self.caps)


def code_of(name: str) -> str:
    """The table's code of a key as the texts name it."""
    return shortcuts.code_of(name.removeprefix("Alt ")) if name.startswith("Alt ") else name


def keys_for(user, topics) -> list[Shown]:
    """Those of every page and those of the pages that this person may open."""
    wanted = EVERYWHERE | {code_of(name) for topic in topics for name in topic.keys}
    shown = _shown([code for code in OF_CODE if code in wanted], user)
    return shown + [Shown(((name, False),), does, where) for name, does, where in PLAIN]


def keys_of(topic, user) -> list[Shown]:
    """Those that stand on this one page."""
    codes = dict.fromkeys(code_of(name) for name in topic.keys)
    return _shown(list(codes), user)


def _shown(codes: list[str], user) -> list[Shown]:
    off = shortcuts.switched_off(user)
    found = []
    for code in codes:
        both = [code, *filter(None, [shortcuts.TWINS.get(code)])]
        caps = tuple((shortcuts.CAPS[one], one in off) for one in both)
        found.append(Shown(caps, OF_CODE[code].does, OF_CODE[code].where))
    return found
