"""The tree of drug groups on one page: the tree, and beside it the group in work."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from clinic.core.forms import CleanTextMixin
from clinic.core.posting import carry_out
from pharmacy import groups
from pharmacy.forms import as_id
from security.access import needs
from security.permissions import P


class GroupForm(CleanTextMixin, forms.Form):
    """A group's name and the group above it."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=50)
    below = forms.ChoiceField(label=gettext_lazy("lies below"), required=False)

    def __init__(self, *args, tree: list[groups.Node], without: set[int] = frozenset(), **kwargs):
        super().__init__(*args, **kwargs)
        self.by_pk = {str(node.group.pk): node.group for node in tree}
        places = [(str(n.group.pk), n.label) for n in tree if n.group.pk not in without]
        self.fields["below"].choices = [("", gettext_lazy("(at the top)")), *places]

    @property
    def facts(self) -> dict:
        data = self.cleaned_data
        return {"name": data["name"], "below": self.by_pk.get(data["below"])}


@needs(P.MANAGE_DRUGS)
@require_http_methods(["GET", "POST"])
def drug_groups(request):
    """The tree; a POST adds, changes, moves or removes one group."""
    tree = groups.tree(counted=True)
    asked = as_id(request.POST.get("group") or request.GET.get("group"))
    node = next((row for row in tree if row.group.pk == asked), None)
    if request.method == "POST":
        response = _do(request, request.POST.get("do", "save"), node, tree)
        if response:
            return response
    form = _form_of(request, node, tree)
    return render(request, "pharmacy/drug_groups.html", {"tree": tree, "node": node, "form": form})


def _do(request, step, node, tree):
    """The answer to a press; None when the page is shown again with what is wrong."""
    here = reverse("drug_groups")
    if step == "save":
        return _save(request, node, tree)
    if node is None:
        messages.error(request, _("Somebody removed this group meanwhile."))
        return redirect(here)
    if step == "remove":
        done = _("The group is removed.")
        return carry_out(
            request, groups.remove_group, to=lambda _none: here, done=done, group=node.group
        ) or redirect(f"{here}?group={node.group.pk}")
    return carry_out(
        request,
        groups.order_group,
        to=lambda group: f"{here}?group={group.pk}",
        group=node.group,
        up=step == "up",
    ) or redirect(here)


def _save(request, node, tree):
    form = _form_of(request, node, tree)
    request.group_form = form
    if not form.is_valid():
        return None
    verb = groups.change_group if node else groups.add_group
    return carry_out(
        request,
        verb,
        to=lambda _group: reverse("drug_groups"),
        form=form,
        done=_("Saved."),
        **form.facts,
        **({"group": node.group} if node else {}),
    )


def _form_of(request, node, tree) -> GroupForm:
    """The form as it was typed, or as the group stands."""
    if request.method == "POST":
        typed = getattr(request, "group_form", None)
        return typed or GroupForm(request.POST, tree=tree, without=node.below if node else set())
    below = as_id(request.GET.get("below"))
    if node is None:
        return GroupForm(initial={"below": str(below)}, tree=tree)
    initial = {"name": node.group.name, "below": str(node.group.parent_id or "")}
    return GroupForm(initial=initial, tree=tree, without=node.below)
