"""Marks that say who may open a view, and care relations.

A view without a mark is refused to everybody (security.middleware.AccessMiddleware).
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from security import glass
from security.permissions import P


@dataclass(frozen=True)
class Mark:
    """Who may open a view. `any_of` empty and not public: everybody who is signed in."""

    public: bool = False
    any_of: tuple[P, ...] = ()
    passive: bool = False  # a poll: neither extends nor saves the session

    def allows(self, user) -> bool:
        if self.public:
            return True
        if not user.is_authenticated:
            return False
        return not self.any_of or any(user.has_perm(permission) for permission in self.any_of)


def _marked(view: Callable, mark: Mark) -> Callable:
    view.clinic_access = mark
    return view


def public(view: Callable) -> Callable:
    """Anybody may open it: sign-in, waiting-room screen, health check."""
    return _marked(view, Mark(public=True))


def signed_in(view: Callable) -> Callable:
    """Everybody with an account, whatever their role."""
    return _marked(view, Mark())


def needs(*any_of: P, passive: bool = False) -> Callable[[Callable], Callable]:
    """Whoever holds one of these permissions."""
    return lambda view: _marked(view, Mark(any_of=any_of, passive=passive))


def mark_of(view: Callable) -> Mark | None:
    """The view's mark, also through a class-based view's as_view()."""
    return getattr(view, "clinic_access", None) or getattr(
        getattr(view, "view_class", None), "clinic_access", None
    )


_relations: list[Callable[[object, UUID], bool]] = []


def register_relation(relation: Callable[[object, UUID], bool]) -> None:
    """Higher floors tell when a person takes care of a patient (an open visit, a follow-up)."""
    _relations.append(relation)


def cares_for(user, patient: UUID) -> bool:
    """True when any registered relation holds (R-143)."""
    return any(relation(user, patient) for relation in _relations)


class FileClosed(PermissionDenied):
    """The patient is not in this person's care. AccessMiddleware asks for the reason, if the
    person may open files at all."""

    def __init__(self, patient: UUID):
        super().__init__("This file is opened with a reason only.")
        self.patient = patient


class FileMoved(Http404):
    """The file was merged into another one. AccessMiddleware leads there, to the same page or to
    `page`, so that an old link or a page left open is no dead end (R-81)."""

    def __init__(self, old: UUID, kept: UUID, *, number: str, page: str = ""):
        super().__init__("This file was merged into another one.")
        self.old, self.kept, self.number, self.page = old, kept, number, page


def may_read_file(user, patient: UUID) -> bool:
    """The one answer to who reads what stands in a patient's file: history, visits, sheets."""
    return user.has_perm(P.READ_CHART) and (
        cares_for(user, patient) or glass.is_broken(user, patient)
    )


def require_file(user, patient: UUID) -> bool:
    """Call it before anything clinical about this patient is read for `user`.

    Tells whether the patient is in this person's care; else the file was opened with a reason.
    """
    if user.has_perm(P.READ_CHART):
        if cares_for(user, patient):
            return True
        if glass.is_broken(user, patient):
            return False
    raise FileClosed(patient)
