"""My keys: which of the pages' keys work for this person."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from security import shortcuts
from security.access import signed_in


@signed_in
@require_http_methods(["GET", "POST"])
def my_keys(request):
    """Every key with what it does; one that isn't ticked is left to the browser."""
    if request.method == "POST":
        kept = request.POST.getlist("on")
        shortcuts.switch_off(
            [code for code in shortcuts.CODES if code not in kept], by=request.user
        )
        messages.success(request, _("Your keys were saved."))
        return redirect("my_keys")
    off = shortcuts.switched_off(request.user)
    rows = [{"key": key, "works": key.code not in off} for key in shortcuts.KEYS]
    return render(request, "security/my_keys.html", {"rows": rows})
