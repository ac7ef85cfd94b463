"""The administrator: looks after backups and the day's report, a setting, a new colleague."""

import re

from clinic.day.browser import Refused
from clinic.day.page import Form, NotOnPage, Page, has_class, words
from clinic.day.worker import Answer, Worker

CHARGES = "site.charges"
HARMLESS = ("pharmacy.quiet_days", "7", "8")  # key, and the two values it goes between
ONE_TIME = re.compile(r"[:：]\s*([\w-]{8,})")
OWN = "qing-xi-2026-{}"


def people(day) -> list:
    return [Administrator(day, name) for name in day.cast.get("administrator", ())[:1]]


class Administrator(Worker):
    """Comes by now and then."""

    role = "administrator"

    def __init__(self, day, account: str):
        super().__init__(day, account)
        plans = {
            self.look_after_backups: (20.0, 320.0),
            self.ask_for_backup: (45.0,),
            self.change_setting: (150.0, 420.0),
            self.add_colleague: (200.0,),
            self.read_figures: (260.0, 500.0),
        }
        self.plan = sorted(
            (
                (minute + self.chance.uniform(-8, 8), work)
                for work in plans
                for minute in plans[work]
            ),
            key=lambda row: row[0],
        )
        self.is_set_up = not day.options.get("charges")

    def step(self) -> None:
        if not self.is_set_up:
            self.is_set_up = self.set_to(CHARGES, "yes")
        elif self.plan and self.plan[0][0] <= self.day.clock.now:
            self.plan.pop(0)[1]()
        else:
            self.day.clock.pause(self.soon())

    # -- backups and reports --

    def look_after_backups(self) -> None:
        self.browser.open("security_home")
        self.busy("office")
        self.browser.open("security_daily")
        try:  # the log is the auditor's
            self.browser.open("audit_list")
        except Refused:
            return
        self.complain("the administrator may read the audit log")

    def ask_for_backup(self) -> None:
        page = self.browser.open("security_home")
        with self.doing("backup_now") as deed:
            answer = self.press(page.form("backup_now"), twice=True)
            said = [one.words for one in answer.told if one.level == "error"]
            deed.refused(*said) if said else deed.done()

    def read_figures(self) -> None:
        self.browser.open("statistics")
        self.busy("office")
        self.browser.open("statistics")

    # -- settings --

    def change_setting(self) -> None:
        key, one, other = HARMLESS
        page = self.page_of(key)
        form = self.own_form(page, "value")
        value = other if form["value"] == one else one
        self.wrong_value(page, form, "sieben")
        self.set_to(key, value)

    def page_of(self, key: str) -> Page:
        """Where this setting is written; found in the list of all."""
        page = self.browser.open("admin:core_setting_changelist", query={"q": key})
        row = page.row(key)
        if row is None:
            raise NotOnPage(f"no setting {key} on the list")
        links = page.links("core_setting_change", row) + page.links("core_setting_add", row)
        return self.browser.get(links[0])

    def own_form(self, page: Page, field: str) -> Form:
        return next(one for one in page.forms if one.is_post and field in one)

    def wrong_value(self, page: Page, form: Form, value: str) -> None:
        with self.doing("mistype", what=f"a setting of {value}") as deed:
            page = self.browser.submit(form, "_save", value=value)
            if not self.faults(page):
                self.complain(f"a setting was taken: {value}")
            deed.refused(*self.faults(page))

    def faults(self, page: Page) -> list[str]:
        return [words(one) for one in page.classed("errorlist")]

    def set_to(self, key: str, value: str) -> bool:
        page = self.page_of(key)
        form = self.own_form(page, "value")
        if form["value"] == value and "core_setting_change" == page.name:
            return True
        with self.doing("change_setting", key=key, value=value) as deed:
            page = self.browser.submit(form, "_save", value=value)
            if self.faults(page):
                deed.refused(*self.faults(page))
                return False
            deed.done()
        shown = self.own_form(self.page_of(key), "value")["value"]
        if shown != value:
            self.complain(f"{key} was set to {value} and is {shown}")
        return True

    # -- a colleague --

    def add_colleague(self) -> None:
        """A name that is taken is refused; then one of the own, whose owner signs in at once."""
        name = f"desk{self.chance.randrange(10**5):05}"
        page = self.browser.open("admin:security_user_add")
        form = self.own_form(page, "username")
        with self.doing("mistype", what="a user name that is taken") as deed:
            typed = {"username": self.account, "full_name": "赵小敏", "roles": ["frontdesk"]}
            page = self.browser.submit(form, "_save", **typed)
            if not self.faults(page):
                self.complain(f"the user name {self.account} was given twice")
            deed.refused(*self.faults(page))
        form = self.own_form(page, "username")
        with self.doing("add_colleague", name=name) as deed:
            answer = self.press(form, "_save", twice=self.is_double(), username=name)
            password = self.told_password(answer)
            if password is None:
                deed.refused(*self.faults(answer.page))
                return
            deed.done()
        page = self.browser.open("admin:security_user_changelist", query={"q": name})
        if len([one for one in page.rows() if name in words(one)]) != 1:
            self.complain(f"{name} is not on the list of people once")
        self.first_sign_in(name, password)

    def press(self, form: Form, button=None, *, twice: bool = False, **typed) -> Answer:
        """Django's own pages know no second click: a repetition is refused, and that is right."""
        if not twice or form.page.path == "/security/":
            return super().press(form, button, twice=twice, **typed)
        page, second = self.browser.submit_twice(form, button, **typed)
        good = second if self.faults(page) else page
        return Answer(good, (*page.messages, *second.messages), frozenset())

    def told_password(self, answer: Answer) -> str | None:
        """It is shown once, to the administrator."""
        lists = answer.page.find(f"//*[{has_class('messagelist')}]")
        found = ONE_TIME.search(words(lists[0])) if lists else None
        return found[1] if found else None

    def first_sign_in(self, name: str, password: str) -> None:
        """The colleague chooses an own password before anything else."""
        browser = self.day.browser(name)
        with self.doing("first_sign_in", name=name) as deed:
            page = browser.sign_in(name, password)
            if page.name != "password_change":
                self.complain(f"{name} came in with a one-time password: {page.path}")
            own = OWN.format(name)
            typed = {"old_password": password, "new_password1": own, "new_password2": own}
            page = browser.submit(page.form("password_change"), **typed)
            if page.name == "password_change":
                deed.refused(*page.errors)
            else:
                deed.done(page=page.name)
        browser.close()
