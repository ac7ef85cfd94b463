"""The help page, this page's part of it first, and the quick cards on paper."""

from django.http import Http404
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from clinic.core.site import institution, settings_of
from clinic.help import table
from clinic.help.cards import CARDS
from clinic.help.down import STEPS
from clinic.help.keys import keys_for, keys_of
from clinic.help.words import WORDS
from security.access import public, signed_in


@public
@require_GET
def help_page(request, page=""):
    """Public, because whoever can't sign in needs it most; nothing of a patient's is on it."""
    topics = table.topics_for(request.user)
    here = table.topic_of(page)
    if here not in topics:
        here = None
    context = {
        "here": here,
        "keys_here": keys_of(here, request.user) if here else [],
        "keys": keys_for(request.user, topics),
        "keys_url": _address("my_keys"),
        "topics": topics,
        "words": WORDS,
        "steps": STEPS,
        "cards": _cards_for(request.user),
        **_contacts(),
    }
    return render(request, "clinic/help.html", context)


@signed_in
@require_GET
def help_card(request, role):
    """One sheet of A4 for the wall beside the PC."""
    if role not in CARDS:
        raise Http404
    context = {"card": CARDS[role], "back_url": reverse("help"), **_contacts()}
    return render(request, "clinic/help_card.html", context)


def _contacts() -> dict:
    """Whom to call, and the clinic for practice or the real one, each where it is told."""
    told = settings_of("help.phones", "practice.address")
    address = told["practice.address"].strip()
    phones = told["help.phones"].replace("；", ";").split(";")
    return {
        "institution": institution(),
        "phones": [one.strip() for one in phones if one.strip()],
        "other_clinic": address if address.startswith("https://") else "",
    }


def _cards_for(user) -> list:
    """One's own first; everybody may print all of them, somebody has to."""
    if not user.is_authenticated:
        return []
    return sorted(CARDS.values(), key=lambda card: card.role not in user.roles)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
