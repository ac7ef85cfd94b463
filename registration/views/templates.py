"""A doctor's templates: a small page to write, order, share and retire them."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.posting import carry_out
from registration import record_templates
from registration.models import RecordTemplate
from registration.template_form import TemplateForm
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P


@needs(P.CONSULT)
@require_GET
def templates(request):
    """One's own, then those of colleagues and of the program."""
    rows = record_templates.usable(request.user).select_related("owner")
    rows = sorted(rows, key=lambda row: (row.kind, row.rank, row.name))
    context = {
        "own": [row for row in rows if row.owner_id == request.user.pk],
        "others": [row for row in rows if row.owner_id != request.user.pk],
    }
    return render(request, "registration/record_templates.html", context)


@keeps_typed
@needs(P.CONSULT)
@require_http_methods(["GET", "POST"])
def template_new(request):
    """A new one of one's own; `?kind=phrase` for a phrase."""
    if request.method == "GET":
        form = TemplateForm(initial={"kind": request.GET.get("kind", RecordTemplate.Kind.RECORD)})
        return _page(request, form)
    return _save(request, None)


@keeps_typed
@needs(P.CONSULT)
@require_http_methods(["GET", "POST"])
def template(request, pk):
    """One template; who owns it changes it, others can only make it their own."""
    found = record_templates.usable(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    if request.method == "GET":
        return _page(request, TemplateForm.of(found), found)
    if "copy" in request.POST:
        response = carry_out(
            request, record_templates.copy_to_own, to=_address, template=found, done=_("Copied.")
        )
        return response or redirect("record_template", pk)
    for name, verb, done in [
        ("retire", record_templates.retire, _("The template is out of use.")),
        ("first", record_templates.put_first, _("It stands first now.")),
    ]:
        if name in request.POST:
            response = carry_out(request, verb, to=_list, template=found, done=done)
            return response or redirect("record_template", pk)
    return _save(request, found)


def _save(request, found: RecordTemplate | None):
    form = TemplateForm(request.POST)
    if form.is_valid():
        response = carry_out(
            request,
            record_templates.keep,
            to=_list,
            form=form,
            done=_("Saved."),
            template=found,
            **form.arguments(),
        )
        if response:
            return response
    return _page(request, form, found)


def _page(request, form: TemplateForm, found: RecordTemplate | None = None):
    is_own = found is None or found.owner_id == request.user.pk
    if not is_own:
        form.close()
    context = {"form": form, "template": found, "is_own": is_own}
    return render(request, "registration/record_template.html", context)


def _address(found: RecordTemplate) -> str:
    return reverse("record_template", args=[found.pk])


def _list(_found) -> str:
    return reverse("record_templates")
