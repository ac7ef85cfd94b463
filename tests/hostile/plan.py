"""What is tried on the clinic, in an order that chance makes."""

import random
from pathlib import Path

from tests.hostile import addresses, clinic, fields, headers, kept, uploads, walk, whose
from tests.hostile.lab import Lab


class Plan:
    """A lab whose pages were all walked, and every request there is."""

    def __init__(self, *, progress=None, tell=print, folder: Path | None = None, people=()):
        from django.db import connection

        self.tell = tell
        known = kept.bring(folder, connection) if folder and kept.is_there(folder) else None
        self.things = known["things"] if known else clinic.make()
        self._open(progress, people if known or not folder else ())
        if known:
            self.pages, self.found = known["pages"], known["found"]
            self.lab.secrets.allowed.update(known["allowed"])
        else:
            self._walk()
            if folder:
                kept.keep(folder, connection, self._known())
        if people:
            self.pages = {who: own for who, own in self.pages.items() if who in people}
            self.found = [pair for pair in self.found if pair[0] in people]
        secrets = self.lab.secrets
        secrets.learning = False
        secrets.rules = whose.Rules(self.people, {**secrets.full, **secrets.clinical})

    def _known(self) -> dict:
        allowed = dict(self.lab.secrets.allowed)
        pages, found = self.pages, self.found
        return {"things": self.things, "pages": pages, "found": found, "allowed": allowed}

    def _open(self, progress, people) -> None:
        from security.models import User

        self.people = {user.username: user for user in User.objects.order_by("username")}
        self.people = {n: user for n, user in self.people.items() if not people or n in people}
        clients = clinic.sign_in(self.people.values())
        self.lab = Lab(clients, secrets=clinic.Secrets(), progress=progress)
        self.lab.remember()

    def _walk(self) -> None:
        from tests.browser.pages import PAGES

        seeds = ["/", *(page.path(self.things) for page in PAGES)]
        self.pages, found = {}, {}
        for who in self.lab.clients:
            user = self.people.get(who)
            self.pages[who], forms = walk.walked(self.lab, who, seeds, user=user, each=1)
            self.tell(f"{who or 'a stranger'}: {len(self.pages[who])} pages, {len(forms)} forms")
            for form in forms:
                names = tuple(sorted({fields.kind_of(name) for name in form.names}))
                key = walk.shape(form.action).partition("?")[0], form.method, names
                if ":" in key[0]:  # Django's administration: one form of each kind
                    key = key[:2]
                found.setdefault(key, (who, form))
        self.found = list(found.values())

    def sample(self, chance: random.Random):
        """(part, who, request) without an end: anything of anybody's."""
        ids, names = fields.ids_of(self.found), addresses.parameters()
        others, everybody = sorted(self.things.values()), list(self.pages)
        typists = [fields.Typist(who, form, ids, others, chance) for who, form in self.found]
        with_files = [typist for typist in typists if typist.form.files]
        files = uploads.contents(chance)
        while True:
            for typist in chance.choices(typists, k=12):
                yield "fields", typist.who, typist.one()
            who = chance.choice(everybody)
            page = chance.choice(self.pages[who])
            yield from addresses.some(who, page, self.things, names, chance, 2)
            yield from headers.some(who, page, chance, 1)
            if with_files:
                yield from uploads.some(with_files, files, chance, 1)

    def work(self, chance: random.Random):
        """(part, who, request) of every source in turn, as chance has it, until all are empty."""
        ids, names = fields.ids_of(self.found), addresses.parameters()
        others = sorted(self.things.values())
        typists = [fields.Typist(who, form, ids, others, chance) for who, form in self.found]
        sources = [typist.all() for typist in typists]
        seen: set[str] = set()
        for who, own in self.pages.items():
            sources.append(addresses.requests(who, self.people.get(who), self.things, chance))
            new = [page for page in own if page not in seen]  # what it reads of an address is one
            seen.update(new)
            sources.append(addresses.asked(who, new, names, chance))
        for who in list(self.pages)[:2]:
            some = chance.sample(self.pages[who], min(6, len(self.pages[who])))
            sources.append(headers.requests(who, some))
        sources.append(uploads.requests([t for t in typists if t.form.files], chance))
        while sources:
            source = chance.choice(sources)
            one = next(source, None)
            if one is None:
                sources.remove(source)
            else:
                yield one
