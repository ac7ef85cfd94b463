"""Who judges a day: looks at the clinic before it opens and after the last patient went home."""

from collections import Counter

from clinic.day import proof_pages, proofs
from clinic.day.account import Account, Proof

# Whose first screens are weighed, cold: page, styles, scripts, pictures, as they come compressed.
ROLES = ("frontdesk", "nurse", "doctor", "pharmacist", "storekeeper", "cashier", "admin")


class Judge:
    """`before()` first, then the day, then `proofs(account)`."""

    def __init__(self, day):
        self.day = day
        self.seen: proof_pages.Seen | None = None
        self.reader = proof_pages.Reader(day)

    def before(self) -> None:
        self.seen = self.reader.look()

    def proofs(self, account: Account) -> list[Proof]:
        """Of the answers, the tables and the pages."""
        found = [answered(self.day.meter.measures), *proofs.prove(account)]
        if self.seen is not None:
            found += proof_pages.prove(account, self.seen, self.reader.look())
        return found

    def first_screens(self) -> dict[str, int]:
        """Bytes over the line until the first screen after signing in, by a new browser."""
        return {role: self._first_screen(role) for role in ROLES if self.day.cast.get(role)}

    def _first_screen(self, role: str) -> int:
        browser = self.day.browser(f"weighs-{role}")
        browser.meter = type(browser.meter)()
        try:
            browser.sign_in(self.day.cast[role][0], self.day.password)
            browser.kept.clear()
            browser.meter.measures.clear()
            browser.get("/")
            return sum(one.bytes for one in browser.meter.measures)
        finally:
            browser.close()


def answered(measures) -> Proof:
    """No 5xx, and no request without an answer."""
    proof = Proof("every request was answered, and none with a 5xx", looked=len(measures))
    wrong = Counter((one.verb, one.status) for one in measures if one.status == 0)
    wrong += Counter((one.verb, one.status) for one in measures if one.status >= 500)
    proof.faults = [f"{verb}: {n} × {status or 'no answer'}" for (verb, status), n in wrong.items()]
    return proof
