"""Whoever gives an auditor or administrator a new sign-in could use it: it shows, and is slow."""

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import RuleBroken
from security import audit, audit_week, resets
from security.management.commands import reset_second_factor
from security.models import AccountReset, AuditEntry, User
from security.permissions import Role
from security.roles import set_roles
from tests.concurrency.together import run_together
from tests.conftest import person
from tests.helpers import in_english

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/security/user/"


@pytest.fixture
def second(db):
    """Another administrator."""
    return person("second", "韩管理", Role.ADMINISTRATOR)


def press(browser, action, user):
    chosen = {"action": action, "_selected_action": [user.pk]}
    return in_english(browser).post(PEOPLE, chosen, follow=True).content.decode()


def opened(user, as_, address="/") -> str:
    """What the person reads who signed in again and changed the one-time password."""
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    browser = as_(User.objects.get(pk=user.pk))
    return in_english(browser).get(address, follow=True).content.decode()


def test_one_administrator_alone_does_not_reset_both_halves_within_a_day(
    administrator, second, auditor, as_
):
    alone = as_(administrator)
    assert "One-time password of" in press(alone, "new_password", auditor)

    refused = press(alone, "reset_codes", auditor)

    assert "another administrator" in refused and "less than a day ago" in refused
    assert not AuditEntry.objects.filter(event="second_factor_reset").exists()
    assert "another administrator" not in press(as_(second), "reset_codes", auditor)
    assert AuditEntry.objects.filter(event="second_factor_reset").count() == 1


def test_the_order_of_the_halves_does_not_matter(administrator, auditor):
    resets.reset_codes(user=auditor, by=administrator)
    before = User.objects.get(pk=auditor.pk).password

    with pytest.raises(RuleBroken):
        resets.give_password(user=auditor, by=administrator)

    assert User.objects.get(pk=auditor.pk).password == before


def test_a_clinic_with_one_administrator_waits_a_day(administrator, auditor):
    resets.give_password(user=auditor, by=administrator)
    AccountReset.objects.update(at=timezone.now() - resets.APART)

    resets.reset_codes(user=auditor, by=administrator)

    assert AccountReset.objects.count() == 2


def test_a_nurse_is_helped_at_once(administrator, nurse):
    resets.give_password(user=nurse, by=administrator)
    resets.reset_codes(user=nurse, by=administrator)

    assert AccountReset.objects.filter(user=nurse).count() == 2


def test_the_auditor_is_told_on_the_home_page_until_it_was_read(administrator, auditor, as_):
    resets.give_password(user=auditor, by=administrator)
    page = opened(auditor, as_)
    assert "Somebody else changed your sign-in" in page
    assert administrator.full_name in page and "a one-time password was given" in page

    as_(User.objects.get(pk=auditor.pk)).post(reverse("resets_seen"))

    assert "Somebody else changed your sign-in" not in opened(auditor, as_)
    assert AuditEntry.objects.filter(event="reset_seen", actor=auditor).count() == 1


def test_a_reset_that_somebody_else_read_is_told_again_beside_the_next(
    administrator, second, auditor, as_
):
    """The thief presses the button; the auditor then needs a reset of their own."""
    resets.give_password(user=auditor, by=administrator)
    resets.note_seen(by=auditor)
    resets.give_password(user=auditor, by=second)

    page = opened(auditor, as_)

    assert administrator.full_name in page and second.full_name in page
    assert len(resets.to_tell(auditor)) == 2


def test_an_administrator_is_told_too_and_a_command_has_no_name(administrator, as_):
    reset_second_factor.Command().handle(username=administrator.username)

    page = opened(administrator, as_, reverse("security_home"))

    assert "a command at the server" in page and "the one-time codes were reset" in page


def test_nobody_reads_anothers_notice_away(administrator, auditor, nurse, as_):
    resets.give_password(user=auditor, by=administrator)

    as_(nurse).post(reverse("resets_seen"))

    assert resets.to_tell(auditor)


def test_the_weeks_summary_names_it(administrator, second, auditor, nurse, as_):
    resets.give_password(user=auditor, by=administrator)
    resets.give_password(user=nurse, by=administrator)
    resets.reset_codes(user=auditor, by=second)
    monday = audit_week.monday_of(timezone.localdate())

    rows = audit_week.resets_of_guarded(monday)
    counts = {line.kind.key: line.count for line in audit_week.summary(monday)}
    page = opened(auditor, as_, reverse("audit_week"))

    assert [row.event for row in rows] == ["second_factor_reset", "password_reset"]
    assert (counts["passwords"], counts["codes"]) == (2, 1)
    assert "Sign-ins of auditors and administrators that somebody reset" in page


def test_the_weeks_summary_counts_changed_roles(administrator, nurse):
    set_roles(user=nurse, roles={Role.AUDITOR.value}, by=administrator)
    monday = audit_week.monday_of(timezone.localdate())

    counts = {line.kind.key: line.count for line in audit_week.summary(monday)}

    assert counts["roles"] >= 1


@pytest.mark.django_db(transaction=True)
def test_both_halves_at_once_are_one_too_many(administrator, auditor):
    found = run_together(
        "tests.concurrency.reset_halves:reset",
        [
            {"verb": verb, "user": auditor.pk, "by": administrator.pk}
            for verb in ("give_password", "reset_codes")
        ],
    )

    assert sorted(answer.get("error", "") for answer in found) == ["", "RuleBroken"]
    assert AccountReset.objects.count() == 1


def test_a_broken_log_is_told_on_the_administrators_home(administrator, as_):
    audit.record("audit_verify", outcome="ok", data={"entries": 3, "first": []})
    assert "tampered with" not in opened(administrator, as_, reverse("security_home"))

    first = [["changed", 4711]]
    audit.record("audit_verify", outcome="failed", data={"entries": 3, "first": first})

    assert "tampered with" in opened(administrator, as_, reverse("security_home"))


def test_who_holds_a_whole_sign_in_gives_it_no_guarded_role(administrator, nurse):
    resets.give_password(user=nurse, by=administrator)
    resets.reset_codes(user=nurse, by=administrator)

    with pytest.raises(RuleBroken):
        set_roles(user=nurse, roles={Role.AUDITOR.value}, by=administrator)
    set_roles(user=nurse, roles={Role.DOCTOR.value}, by=administrator)

    assert nurse.groups.filter(name="doctor").exists()


def test_nobody_gives_a_one_time_password_to_oneself(administrator):
    with pytest.raises(RuleBroken):
        resets.give_password(user=administrator, by=administrator)
