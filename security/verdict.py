"""The verification's result: an entry of the log itself, which the auditor's page shows."""

import logging
from collections import Counter
from datetime import timedelta
from itertools import islice

from django.utils.timezone import localtime, now

from security import audit, checkpoints, mentions, seals
from security.checkpoints import Checkpoint
from security.models import AuditEntry, AuditSeal
from security.verify import CANT_CHECK, FAULTS, Fault, Verification, seal_faults

log = logging.getLogger("clinic.audit")
EVENT = "audit_verify"
SHOWN = 20
NIGHT = range(1, 5)
OVERDUE = timedelta(hours=48)
SOON = timedelta(hours=20)


def keep(run: Verification, counts: Counter, first: list) -> AuditEntry:
    """Write down what a whole run found; the next night it is itself verified."""
    if counts["mentions"]:
        mentions.note_anew()
    return audit.record(
        EVENT,
        outcome="failed" if counts else "ok",
        screen="audit_verify",
        data={
            "entries": run.entries,
            "seals": run.seals,
            "archived": run.archived,
            "mark": run.mark,
            "faults": dict(sorted(counts.items())),
            "first": [[fault.kind, fault.number] for fault in first[:SHOWN]],
        },
    )


def compare(paper: Checkpoint) -> Fault | None:
    """Is the seal that was printed still there, genuine, and behind the one before it?

    At once, for a screen; whether the entries below are whole is what the verification says.
    """
    seal = AuditSeal.objects.filter(seq=paper.seq).first()
    if seal is None:
        newest = seals.latest()
        is_cut_off = paper.seq > (newest.seq if newest else 0)
        return Fault("cut_off" if is_cut_off else "seal_missing", paper.seq)
    if not paper.fits(seal):
        return Fault("other_seal", paper.seq)
    before = AuditSeal.objects.filter(seq__lt=seal.seq).order_by("-seq").first()
    return next(seal_faults(seal, before), None)


def last() -> AuditEntry | None:
    return AuditEntry.objects.filter(event=EVENT).order_by("-timestamp", "-pk").first()


def verify_nightly() -> None:
    """Called by the scheduler: at night, or as soon as a machine that sleeps at night is on."""
    before = last()
    age = now() - before.timestamp if before else OVERDUE
    if age > 1.5 * SOON or (age > SOON and localtime().hour in NIGHT):
        run_whole()


def run_whole() -> AuditEntry:
    """Seal what is left, verify everything, keep the result; sealing goes on meanwhile."""
    seals.seal_all()
    run = Verification(
        checkpoints=checkpoints.read(),
        archive_marks=checkpoints.read_archives(),
        between=_seal_now_and_then(),
    )
    counts, first, found = Counter(), [], run.faults()
    first = list(islice(found, SHOWN))
    counts.update(fault.kind for fault in first)
    counts.update(fault.kind for fault in found)
    for fault in first:
        log.error("audit log: %s", fault)
    return keep(run, counts, first)


def _seal_now_and_then():
    """The verification of a long log takes minutes; new entries don't wait for it."""
    sealed_at = now()

    def seal() -> None:
        nonlocal sealed_at
        if now() - sealed_at > timedelta(seconds=20):
            seals.seal_new()
            sealed_at = now()

    return seal


def words() -> dict:
    """The newest seal and the last result, for the auditor's pages."""
    result = last()
    return {
        "seal": seals.latest(),
        "result": result,
        "faults": _fault_words(result),
        "overdue": result is not None and result.timestamp < now() - OVERDUE,
    }


def broken() -> AuditEntry | None:
    """The last verification when it found the log damaged, for the administrator's home."""
    result = last()
    found = (result.additional_data or {}).get("first", []) if result else []
    # A key that is not at hand says nothing about the log.
    return result if any(kind in FAULTS and kind not in CANT_CHECK for kind, _n in found) else None


def _fault_words(result: AuditEntry | None) -> list[str]:
    found = (result.additional_data or {}).get("first", []) if result else []
    return [str(Fault(kind, number)) for kind, number in found if kind in FAULTS]
