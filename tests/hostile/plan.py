"""What is tried on the clinic, in an order that chance makes."""

import random

from tests.hostile import addresses, clinic, fields, headers, walk
from tests.hostile.lab import Lab


def prepared(progress=None, tell_walk=None, only=()):
    """A lab whose pages were all walked once, and `work(chance)`: every request there is."""
    from security.models import User
    from tests.browser.pages import PAGES

    things = clinic.make()
    people = {user.username: user for user in User.objects.order_by("username")}
    people = {name: user for name, user in people.items() if not only or name in only}
    clients = clinic.sign_in(people.values())
    lab = Lab(clients, secrets=clinic.Secrets(), progress=progress)
    lab.remember()
    seeds = ["/", *(page.path(things) for page in PAGES)]
    pages, found = {}, {}
    for who in clients:
        pages[who], forms = walk.walked(lab, who, seeds, user=people.get(who), each=1)
        if tell_walk:
            tell_walk(f"{who or 'a stranger'}: {len(pages[who])} pages, {len(forms)} forms")
        for form in forms:
            names = tuple(sorted({fields.kind_of(name) for name in form.names}))
            key = walk.shape(form.action).partition("?")[0], form.method, names
            if ":" in key[0]:  # Django's administration: one form of each kind
                key = key[:2]
            found.setdefault(key, (who, form))
    lab.secrets.learning = False
    return lab, lambda chance: work(list(found.values()), pages, things, chance)


def work(found: list, pages: dict, things: dict, chance: random.Random):
    """(part, who, request) of every source in turn, as chance has it, until all are empty."""
    ids, names = fields.ids_of(found), addresses.parameters()
    others = sorted(things.values())
    sources = [fields.Typist(who, form, ids, others, chance).all() for who, form in found]
    for who, own in pages.items():
        sources.append(addresses.requests(who, own, things, names, chance))
    for who in list(pages)[:3]:
        some = chance.sample(pages[who], min(6, len(pages[who])))
        sources.append(headers.requests(who, some))
    while sources:
        source = chance.choice(sources)
        one = next(source, None)
        if one is None:
            sources.remove(source)
        else:
            yield one
