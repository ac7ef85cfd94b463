"""The second person of the stock: posts what a colleague wrote, confirms what others counted."""

from clinic.day.page import NotOnPage, key_of
from clinic.day.takes import Counting


class SecondPerson(Counting):
    """Who looks now and then at what waits for somebody who did not write or count it."""

    confirms = True
    noticed: frozenset = frozenset()  # drafts that stood there at the last look
    left: frozenset = frozenset()  # those that can't be posted as they are

    def stand_for_second(self) -> None:
        self.post_drafts()
        self.go_on_with_takes()

    def post_drafts(self) -> None:
        """A draft that stood there before is written to its end."""
        page = self.browser.open("stock_documents")
        drafts = page.find("//section[.//h2[@id='drafts']]")
        there = dict.fromkeys(page.links("stock_document", drafts[0]) if drafts else ())
        for address in there:
            if key_of(address) in self.noticed - self.left:
                self.post(address)
        self.noticed = frozenset(key_of(one) for one in there)

    def post(self, address: str) -> None:
        page = self.browser.get(address)
        try:
            form = page.form("stock_paper_post")
        except NotOnPage:
            return  # posted meanwhile, or for another person
        self.busy("stock")
        with self.doing("post_paper", document=page.key) as deed:
            answer = self.press(form, twice=self.is_double())
            is_posted = not answer.page.has_form("stock_paper_post")
            if not self.settled(deed, answer, is_posted):
                self.left |= {page.key}
