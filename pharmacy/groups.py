"""The clinic's own tree of drug groups (R-54): read as a whole, changed by one person at a time."""

from dataclasses import dataclass, field

from django.db.models import Count
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.numbers import next_number
from clinic.core.transactions import atomic_retry
from pharmacy.models import Drug, DrugCategory

DEEPEST = 5
INDENT = "\u3000"


@dataclass
class Node:
    """A group in its place: how deep, what below, how many drugs in it and in all below."""

    group: DrugCategory
    depth: int = 0
    own: int = 0
    total: int = 0
    below: set[int] = field(default_factory=set)  # ids of the group and everything under it
    is_first: bool = False
    is_last: bool = False

    @property
    def label(self) -> str:
        return INDENT * self.depth + self.group.name


def tree(*, counted: bool = False) -> list[Node]:
    """All groups as the tree is read, from above; one query, and one more to count the drugs."""
    rows = list(DrugCategory.objects.order_by("order", "name", "pk"))
    numbers = {}
    if counted:
        held = Drug.objects.filter(group__isnull=False).order_by()
        numbers = dict(held.values_list("group").annotate(number=Count("pk")))
    children: dict[int | None, list[DrugCategory]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    return _below(None, 0, children, numbers)


def _below(parent, depth, children, numbers) -> list[Node]:
    siblings = children.get(parent, [])
    found = []
    for row in siblings:
        own = numbers.get(row.pk, 0)
        node = Node(row, depth, own, own, {row.pk})
        node.is_first, node.is_last = row is siblings[0], row is siblings[-1]
        under = _below(row.pk, depth + 1, children, numbers)
        node.below |= {child.group.pk for child in under}
        node.total += sum(child.own for child in under)
        found += [node, *under]
    return found


def choices() -> list[tuple[int, str]]:
    """For a select: the groups, indented."""
    return [(node.group.pk, node.label) for node in tree()]


def branch(pk: int) -> set[int]:
    """The ids of a group and of everything below it; one query."""
    return next((node.below for node in tree() if node.group.pk == pk), set())


@atomic_retry
def grow(path: list[str]) -> DrugCategory | None:
    """The group at the end of these names, made where it is missing; for libraries and imports."""
    _take_turn()
    group = None
    for name in path[:DEEPEST]:
        group = DrugCategory.objects.filter(
            parent=group, name=name
        ).first() or DrugCategory.objects.create(parent=group, name=name, order=_last(group))
    return group


def path_of(category: str, subcategory: str) -> list[str]:
    """西药 and 抗微生物-青霉素类 as names from above: 西药, 抗微生物, 青霉素类."""
    return [part.strip() for part in [category, *subcategory.split("-", 1)] if part.strip()]


@atomic_retry
def add_group(*, name: str, below: DrugCategory | None, by) -> DrugCategory:
    """A new group at the end of its siblings."""
    _take_turn()
    if below and not DrugCategory.objects.filter(pk=below.pk).exists():
        raise _gone()
    _require_name(name, below)
    if below and _node(below).depth + 1 >= DEEPEST:
        raise _too_deep()
    return DrugCategory.objects.create(name=name.strip(), parent=below, order=_last(below))


@atomic_retry
def change_group(*, group: DrugCategory, name: str, below: DrugCategory | None, by):
    """Another name, or another place: with everything below it, never into itself."""
    _take_turn()
    node = _node(group)
    if below and below.pk in node.below:
        raise RuleBroken(
            _("A group can't lie below itself. Please choose another place."),
            field="below",
            rule="R-54",
        )
    group = node.group
    _require_name(name, below, but=group)
    height = max(n.depth for n in tree() if n.group.pk in node.below) - node.depth
    if below and _node(below).depth + 1 + height >= DEEPEST:
        raise _too_deep()
    moved = group.parent_id != (below.pk if below else None)
    group.name, group.parent = name.strip(), below
    if moved:
        group.order = _last(below)
    group.save()
    return group


@atomic_retry
def order_group(*, group: DrugCategory, up: bool, by) -> DrugCategory:
    """One place up or down among its siblings; nothing where it is the first or last already."""
    _take_turn()
    group = _node(group).group
    siblings = list(
        DrugCategory.objects.filter(parent=group.parent_id).order_by("order", "name", "pk")
    )
    at = next(n for n, row in enumerate(siblings) if row.pk == group.pk)
    to = at + (-1 if up else 1)
    if 0 <= to < len(siblings):
        siblings[at], siblings[to] = siblings[to], siblings[at]
    for place, row in enumerate(siblings):
        if row.order != place:
            row.order = place
            row.save(update_fields=["order"])
    return group


@atomic_retry
def remove_group(*, group: DrugCategory, by) -> None:
    """Only an empty one: a drug never loses its group by this."""
    _take_turn()
    node = _node(group)
    if len(node.below) > 1 or Drug.objects.filter(group=group).exists():
        raise RuleBroken(
            _("Only an empty group is removed. Please move its drugs and groups first."),
            rule="R-54",
        )
    node.group.delete()


def _take_turn() -> None:
    """Whoever changes the tree is alone until the transaction ends: no two moves make a circle."""
    next_number("drug groups")


def _node(group: DrugCategory) -> Node:
    found = next((node for node in tree() if node.group.pk == group.pk), None)
    if found is None:
        raise _gone()
    return found


def _last(parent: DrugCategory | None) -> int:
    return DrugCategory.objects.filter(parent=parent).count()


def _require_name(name: str, parent: DrugCategory | None, but: DrugCategory | None = None) -> None:
    if not name.strip():
        raise RuleBroken(_("Please write the group's name."), field="name", rule="R-54")
    same = DrugCategory.objects.filter(parent=parent, name=name.strip())
    if same.exclude(pk=but.pk if but else None).exists():
        raise RuleBroken(
            _("There is such a group here already. Please write another name."),
            field="name",
            rule="R-54",
        )


def _gone() -> RuleBroken:
    return RuleBroken(
        _("Somebody removed this group meanwhile. Please look at the tree again."), rule="R-54"
    )


def _too_deep() -> RuleBroken:
    return RuleBroken(
        _("The tree is at most %(deep)s groups deep. Please choose a higher place.")
        % {"deep": DEEPEST},
        field="below",
        rule="R-54",
    )
