"""What every view does with a form that changes something: one verb, then a redirect."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from clinic.core.errors import Busy, RuleBroken
from clinic.core.once import done_before, run_once, token_of


def carry_out(
    request, verb: Callable, *, to: Callable[[object], str], form=None, done: str = "", **arguments
) -> HttpResponseRedirect | None:
    """Carry out `verb` once and redirect to `to(result)`; None when a rule refused it.

    The refusal is put on the form (or into the messages when there is no form), so the caller
    shows the page again with everything that was typed. Where it leads elsewhere instead, because
    what the form was about is over, the refusal is told there (middleware.ToldMiddleware).

    A form given back after its session or its token was over (`shown_again`) is shown in the same
    way first: its person looks at it and presses the button.
    """
    if getattr(request, "shown_again", False):
        messages.warning(request, given_back_words())
        return None
    try:
        result, location = run_once(request, verb, to=to, **arguments)
    except RuleBroken as error:
        _tell(request, form, error.message, error.field)
        return None
    except Busy:
        text = _(
            "Nothing was saved: the system is busy. What you typed is still here. "
            "Please wait a few seconds and try again."
        )
        _tell(request, form, text, None)
        return None
    request.carried_out = True  # security.typing forgets the draft of a long form
    if done and result is not None:
        messages.success(request, done)
    return HttpResponseRedirect(location)


def gone_on(request, words: str, to: str, *args, **kwargs) -> HttpResponseRedirect:
    """Answer to a page or form whose record has gone on meanwhile: whoever sent a form is told, in
    these words where `carry_out` has not refused it in others."""
    again = repeated(request)
    if request.method == "POST" and not again and not hasattr(request, "refusal"):
        messages.error(request, words)
    return again or redirect(to, *args, **kwargs)


def repeated(request) -> HttpResponseRedirect | None:
    """Where a form led that is sent once more; asked first by a view whose record is out of its
    person's reach once the form has done its work."""
    location = done_before(token_of(request), request.user) if request.method == "POST" else None
    return HttpResponseRedirect(location) if location is not None else None


def keeping(verb: Callable, results: list) -> Callable:
    """`verb`, whose result is also put into `results`: the page says more of it afterwards.

    Not inside the verb: its transaction may be repeated, and what was said can't be taken back.
    """

    def run(**arguments):
        result = verb(**arguments)
        results[:] = [result]
        return result

    return run


def given_back_words() -> str:
    return _("Everything you typed is here, but it is not saved yet: please check it and save.")


def _tell(request, form, text, field) -> None:
    if form is None:
        messages.error(request, text)
        return
    request.refusal = text
    if field and field in form.fields:
        form.add_error(field, text)
    else:
        form.add_error(None, text)
