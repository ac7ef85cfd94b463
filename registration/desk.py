"""What higher floors add to our pages: the consultation's panels, orders, whereabouts, notices.

They register in their AppConfig.ready(); this app knows none of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from clinic.core import modules
from registration.models import Consultation, Registration


@dataclass(frozen=True)
class Panel:
    """A part of the consultation page with a template of its own.

    It stands outside the record's form, so it may hold forms. `act(consultation=, by=)` is
    optional: a button `<button form="record" name="panel" value="<key>">` saves what was typed
    into the record, then calls it and goes to the address it returns; so no text is lost.
    """

    key: str
    order: int
    template: str
    context: Callable[[Consultation, object], dict]
    act: Callable[..., str] | None = None
    module: str = ""  # the part of the system it belongs to, which may be switched off

    @property
    def is_open(self) -> bool:
        return not self.module or modules.is_on(self.module)


_panels: dict[str, Panel] = {}


def register_panel(
    key: str,
    *,
    order: int,
    template: str,
    context: Callable[[Consultation, object], dict],
    act: Callable[..., str] | None = None,
    module: str = "",
) -> None:
    """Show `template` on every consultation page; `context(consultation, request)` feeds it."""
    _panels[key] = Panel(key, order, template, context, act, module)


def register_act(key: str, act: Callable[..., str], *, module: str = "") -> None:
    """One more button on somebody's panel, with this value; it shows no panel of its own."""
    _panels[key] = Panel(key, 0, "", lambda _consultation, _request: {}, act, module)


def panels(consultation: Consultation, request) -> list[dict]:
    """The panels in their order, each with its template and its context."""
    return [
        {
            "key": panel.key,
            "template": panel.template,
            "context": panel.context(consultation, request),
        }
        for panel in sorted(_panels.values(), key=lambda panel: panel.order)
        if panel.template and panel.is_open
    ]


def panel(key: str) -> Panel | None:
    """The registered panel of this key, unless its part of the system is switched off."""
    found = _panels.get(key)
    return found if found is not None and found.is_open else None


@dataclass(frozen=True)
class Repeated:
    """New drafts of what an earlier visit ordered: where they are, what could not be repeated."""

    url: str
    left: list[str]


@dataclass(frozen=True)
class Orders:
    """What a higher floor orders at a visit.

    `lines(consultation ids)` gives it in words, by consultation, for all of them at once;
    `repeat(consultation=, source=, by=)` puts it into new drafts, None when there is nothing.
    """

    lines: Callable[[list[UUID]], dict[UUID, list[str]]]
    repeat: Callable[..., Repeated | None]


_orders: list[Orders] = []


def register_orders(
    *, lines: Callable[[list[UUID]], dict[UUID, list[str]]], repeat: Callable[..., Repeated | None]
) -> None:
    """Show what was ordered beside past visits, and let it be ordered again (R-74)."""
    _orders.append(Orders(lines, repeat))


def ordered(consultations: list[Consultation]) -> dict[UUID, list[str]]:
    """What was ordered at these visits, in words; called once per page."""
    ids = [consultation.pk for consultation in consultations]
    found: dict[UUID, list[str]] = {}
    for orders in _orders if ids else ():
        for key, lines in orders.lines(ids).items():
            found.setdefault(key, []).extend(lines)
    return found


def repeat_orders(consultation: Consultation, source: Consultation, *, by) -> Repeated | None:
    """Order again what `source` ordered; the address of the first draft."""
    parts = [o.repeat(consultation=consultation, source=source, by=by) for o in _orders]
    made = [part for part in parts if part is not None]
    return Repeated(made[0].url, [line for part in made for line in part.left]) if made else None


# What comes after the doctor, in the order in which it happens; who is in two stands in the first.
RETURNED, REVIEW, UNPAID, SKIN_TEST = "returned", "review", "unpaid", "skin_test"
DISPENSING, TREATMENT, DONE = "dispensing", "treatment", "done"
STAGES = [RETURNED, REVIEW, UNPAID, SKIN_TEST, DISPENSING, TREATMENT, DONE]


@dataclass(frozen=True)
class Place:
    """Where a patient is: a station of the journey (0: left it, 6: all behind) and a word.

    `targets` holds for each stage the record that somebody acts on there.
    """

    station: int
    word: object
    key: str
    since: datetime | None = None
    targets: dict[str, UUID] = field(default_factory=dict)

    def beside(self, other: "Place | None") -> "Place":
        """Of two, the one that is further behind, with what is to be done for both."""
        if other is None:
            return self
        first, second = sorted([other, self], key=lambda place: STAGES.index(place.key))
        return replace(first, targets=second.targets | first.targets)


_whereabouts: list[Callable[[object], Iterable[tuple[UUID, Place]]]] = []


def register_whereabouts(find: Callable[[object], Iterable[tuple[UUID, Place]]]) -> None:
    """`find(registrations)` tells for some of them where they are, one place for each thing that
    is under way; called once per page with a queryset or a list of ids."""
    _whereabouts.append(find)


def whereabouts(registrations) -> dict[UUID, Place]:
    """What the higher floors know about where these patients are."""
    found: dict[UUID, Place] = {}
    for find in _whereabouts:
        for visit, place in find(registrations):
            found[visit] = place.beside(found.get(visit))
    return found


@dataclass(frozen=True)
class Step:
    """The next action at one stage: for whom, and the page that does it."""

    words: object
    may: Callable[[object], bool]
    url: Callable[[Registration, UUID], str]
    own: bool = False  # only for the doctor of the visit


_steps: dict[str, Step] = {}


def register_step(
    stage: str,
    *,
    words: object,
    may: Callable[[object], bool],
    url: Callable[[Registration, UUID], str],
    own: bool = False,
) -> None:
    """Whoever `may(user)` gets a link to `url(visit, target)` on every list of patients."""
    _steps[stage] = Step(words, may, url, own)


def steps_of(user) -> dict[str, Step]:
    """What this person can do after the doctor, by stage; asked once per page."""
    return {stage: _steps[stage] for stage in STAGES if stage in _steps and _steps[stage].may(user)}


@dataclass(frozen=True)
class Notice:
    """Something that came back to a doctor: words and where to go."""

    words: str
    url: str


_notices: list[tuple[Callable[[object], Notice | None], str]] = []


def register_notice(find: Callable[[object], Notice | None], *, module: str = "") -> None:
    """`find(user)` tells what stands above the doctor's queue; called once per page and poll."""
    _notices.append((find, module))


def notices(user) -> list[Notice]:
    """What the doctor should see wherever the queue stands."""
    asked = [find for find, module in _notices if not module or modules.is_on(module)]
    return [notice for find in asked if (notice := find(user)) is not None]
