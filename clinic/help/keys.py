"""The keyboard map: what each key does and where, the same on every page."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from security import shortcuts


@dataclass(frozen=True)
class Key:
    """`name` is how topics call it; `also` is the other way to press it."""

    name: str
    does: object
    where: object
    also: str = ""
    everywhere: bool = False


KEYS = [
    Key("F9", _("the filled button: the next step"), _("every page"), "Alt S", everywhere=True),
    Key("F2", _("new: patient, row, line"), _("lists, prescription, delivery"), "Alt X"),
    Key("F8", _("prints this page's paper"), _("pages with a paper"), "Alt P"),
    Key("Alt Q", _("into the patient search"), _("pages with a search"), "/"),
    Key("Alt N", _("the next one, without finishing this one"), _("queue, review, triage")),
    Key("Alt B", _("one page back in time"), _("schedule")),
    Key("Alt R", _("to the reason for a return"), _("review")),
    Key("Alt 1", _("complaint, or the first section"), _("consultation, chart")),
    Key("Alt 2", _("diagnosis, or the second section"), _("consultation, chart")),
    Key("Alt 3", _("prescription, or the third section"), _("consultation, chart")),
    Key(
        "Alt T",
        _("to the triage; in the consultation the last visit's texts"),
        _("desk, consultation"),
    ),
    Key("Alt C", _("the drugs of last time once more"), _("consultation, prescription")),
    Key(
        "Alt Z",
        _("your phrase into the field; takes a slip of the hand back"),
        _("consultation, treatments"),
    ),
    Key("Alt W", _("whatever is left open counts as “none”"), _("basic information")),
    Key("Alt 5", _("past history"), _("Consultation")),
    Key("Alt 7", _("auxiliary examination"), _("Consultation")),
    Key("Alt 9", _("further details"), _("Consultation")),
    Key("Alt U", _("switch user"), _("every page"), everywhere=True),
    Key("Alt 0", _("this help"), _("every page"), everywhere=True),
    Key(
        "Enter",
        _("next field; in the last cell a new row; on a button it presses it"),
        _("forms"),
        everywhere=True,
    ),
    Key("Shift Enter", _("previous field"), _("forms"), everywhere=True),
    Key("Ctrl Enter", _("leaves a field of several lines"), _("forms"), everywhere=True),
    Key("↑ ↓", _("choose in a list, Enter takes it"), _("open lists"), everywhere=True),
    Key("Esc", _("closes the list"), _("open lists"), everywhere=True),
]
BY_NAME = {key.name: key for key in KEYS}


@dataclass(frozen=True)
class Shown:
    """A key as this person has it."""

    key: Key
    is_off: bool


def keys_for(user, topics) -> list[Shown]:
    """Those of every page and those of the pages that this person may open."""
    wanted = {name for topic in topics for name in topic.keys}
    return [_shown(key, user) for key in KEYS if key.everywhere or key.name in wanted]


def keys_of(topic, user) -> list[Shown]:
    """Those that stand on this one page."""
    return [_shown(BY_NAME[name], user) for name in topic.keys]


def _shown(key: Key, user) -> Shown:
    """Somebody may have switched keys off: off is what can't be pressed any more in either way."""
    off = shortcuts.caps_off(user)
    return Shown(key, {name for name in (key.name, key.also) if name} <= off)
