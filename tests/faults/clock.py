"""The server's clock is set back by an hour, forward by an hour, and right again, at work."""

import time
from pathlib import Path

from registration.lines import waiting
from registration.models import Session
from security.models import AuditSeal
from tests.faults.phone import Phone
from tests.faults.served import PASSWORD
from tests.faults.trial import Trial

HOUR = 3600
SECONDS = 12
STEPS = [("an hour back", -HOUR), ("right again", 0), ("an hour ahead", HOUR), ("right again", 0)]
SEALED_WITHIN = 90


def run(clinic, options, folder: Path) -> list[str]:
    phone = Phone(clinic)
    trial = Trial(clinic, folder / "journal.jsonl", PASSWORD, options.seed)
    for person in trial.work.people:
        person.may_be_signed_out = True  # an hour is as long as a session may be left alone
    trial.begin()
    trial.wait_for_deeds(5)
    trial.wrong += phone.signs_in(expected=True)
    for number in range(1, options.times + 1):
        for words, off in STEPS:
            clinic.clock.set(off)
            trial.during(f"{number}. {words}", SECONDS)
            trial.must_go_on(words)
            trial.wrong += phone.signs_in(expected=off == 0) + queues() + sealed(trial)
            if off > 0:  # whoever takes over has to wait for nothing that stands in the future
                clinic.kill("everything")
                clinic.serve()
    print("signed out: " + ", ".join(f"{p.who} {p.signed_out}" for p in trial.work.people))
    return trial.end()


def queues() -> list[str]:
    """Who came without a promised time is called in the order of the numbers."""
    wrong = []
    for session in Session.objects.filter(registrations__state="waiting").distinct():
        line = [row for row in waiting(session) if row.slot is None and row.recalled_at is None]
        for priority in {row.priority for row in line}:
            numbers = [row.number for row in line if row.priority == priority]
            if numbers != sorted(numbers):
                wrong.append(f"{session} is called in the order {numbers}")
    return wrong


def sealed(trial: Trial) -> list[str]:
    """The log goes on being sealed by the scheduler, whatever time it is."""
    last, deadline = AuditSeal.objects.count(), time.monotonic() + SEALED_WITHIN
    began = time.monotonic()
    while AuditSeal.objects.count() <= last:
        if time.monotonic() > deadline:
            return [f"no seal for {SEALED_WITHIN} s after the clock was set"]
        time.sleep(0.5)
    print(f"    sealed after {time.monotonic() - began:.0f} s", flush=True)
    return []
