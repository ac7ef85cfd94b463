"""Judging a finished sheet, deciding what was pointed at, answering (R-38, R-41, R-147).

Lock order: the evaluation alone; the sheet itself is never changed here.
"""

import logging
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core import clinical
from clinic.core.errors import AlreadyDone, Busy, RuleBroken
from clinic.core.on_record import in_the_institutions_language
from clinic.core.scheduler import still_here
from clinic.core.transactions import atomic_retry, lock
from prescriptions.evaluation import gathering
from prescriptions.evaluation.judging import judge
from prescriptions.models import Evaluation, EvaluationEntry, EvaluationFinding, Prescription
from prescriptions.rules.combinations import REFILL_DAYS
from prescriptions.rules.items import ITEMS

log = logging.getLogger("clinic.prescriptions")
How, Kind, Result = EvaluationFinding.How, EvaluationEntry.Kind, Evaluation.Result
AT_ONCE, PIECE = 400, 40  # sheets in one round of the scheduler; sheets loaded together
CODES = [item.number for item in ITEMS]
BY_CLASS = {"3": Result.EXTRAORDINARY, "2": Result.UNSUITABLE, "1": Result.IRREGULAR}


def remember(prescription: Prescription, opinion) -> None:
    """Keep what the rules say while the sheet is handed in; inside the submitting transaction."""
    seen = [
        [f.rule.key, list(f.lines), f.level, f.fingerprint in opinion.signed, f.title[:300]]
        for f in opinion.findings
        if not _is_refill(f)
    ]
    row = Evaluation.objects.filter(prescription=prescription).first()
    row = row or Evaluation(prescription=prescription)
    row.seen, row.data_version = seen, clinical.version()
    row.save()


def _is_refill(finding) -> bool:
    """A few days left of the last supply: told to the doctor, nothing to evaluate (R-170)."""
    days = finding.values.get("days", 0)
    return finding.rule.key == "duplicate.in_use" and days <= REFILL_DAYS


def judge_waiting() -> int:
    """Judge the finished sheets that wait; return how many. Called by the scheduler.

    One transaction each, so that no page waits for it; a second call judges nothing twice.
    """
    waiting = gathering.finished().filter(judged_at__isnull=True).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
    done = 0
    for start in range(0, len(keys), PIECE):
        for row in gathering.finished().filter(pk__in=keys[start : start + PIECE]):
            try:
                done += _judge(evaluation=row)
            except Busy:
                log.warning("prescription %s could not be evaluated yet", row.prescription_id)
        still_here()
    return done


def judge_now(prescription: Prescription) -> Evaluation | None:
    """Judge one sheet on demand; None while it is not finished."""
    row = gathering.finished().filter(prescription=prescription).first()
    if row is not None and row.judged_at is None:
        _judge(evaluation=row)
    return row


@atomic_retry
def _judge(*, evaluation: Evaluation) -> bool:
    now = lock(Evaluation.objects.filter(pk=evaluation.pk)).get()
    if now.judged_at is not None:
        return False
    past = gathering.past_of(evaluation)
    with in_the_institutions_language():  # what it says is kept
        verdicts = judge(past)
    items = {item.pk.hex: item for item in gathering.live(evaluation.prescription)}
    found = [
        EvaluationFinding(
            evaluation=evaluation,
            code=verdict.code,
            item=items.get(verdict.line),
            how=How.AUTO if verdict.decided else How.CANDIDATE,
            fault=True if verdict.decided else None,
            rule=verdict.rule or None,
            words=verdict.words or None,
        )
        for verdict in verdicts
    ]
    for finding in found:
        finding.save()
    for name, value in gathering.figures(past, evaluation.prescription).items():
        setattr(evaluation, name, value)
    evaluation.judged_at = timezone.now()
    _settle(evaluation, found)
    return True


def _settle(evaluation: Evaluation, findings: list[EvaluationFinding]) -> None:
    """The result that follows from what stands, and how much is still open."""
    standing = [finding.code for finding in findings if finding.fault]
    gravest = max((code[0] for code in standing), default="")
    evaluation.result = BY_CLASS.get(gravest, Result.REASONABLE)
    evaluation.open = sum(finding.fault is None for finding in findings)
    evaluation.save()


@dataclass(frozen=True)
class Said:
    """What a pharmacist says to one finding."""

    finding: int
    is_fault: bool
    words: str = ""


@dataclass(frozen=True)
class Added:
    """An item that no rule can see, found by a person (1-15, 2-9 …)."""

    code: str
    words: str
    item: object = None


@atomic_retry
def confirm(
    *,
    evaluation: Evaluation,
    said: list[Said],
    added: list[Added] | None = None,
    by,
) -> Evaluation:
    """Decide what was pointed at, add what a person found, and put one's name under it.

    Also the way to correct: the latest entry counts, the earlier ones stay.
    """
    evaluation = lock(Evaluation.objects.filter(pk=evaluation.pk)).get()
    _check_judge(evaluation, by)
    findings = list(evaluation.findings.all())
    known = {finding.pk: finding for finding in findings}
    for one in said:
        if one.finding not in known:
            raise AlreadyDone(_("Not saved: the list has changed. Please read the sheet again."))
        _decide(known[one.finding], one, by)
    for one in added or []:
        findings.append(_add(evaluation, one, by))
    if any(finding.fault is None for finding in findings):
        raise RuleBroken(
            _("Not confirmed: please decide every point, reasonable or unreasonable."), rule="R-41"
        )
    evaluation.confirmed_at, evaluation.confirmed_by = timezone.now(), by
    _settle(evaluation, findings)
    return evaluation


def _check_judge(evaluation: Evaluation, by) -> None:
    if evaluation.judged_at is None:
        raise AlreadyDone(_("Not saved: this sheet is not finished yet."))
    sheet = evaluation.prescription
    if by.pk in (sheet.prescriber_id, sheet.countersigner_id):
        raise RuleBroken(
            _("Not saved: you wrote or countersigned this prescription. Please ask a colleague."),
            rule="R-32",
        )


def _decide(finding: EvaluationFinding, said: Said, by) -> None:
    words = said.words.strip()
    if finding.fault == said.is_fault and not words:
        return
    if not said.is_fault and not words:
        raise RuleBroken(
            _("Not saved: please write why %(code)s is reasonable.") % {"code": finding.code},
            rule="R-41",
        )
    finding.fault = said.is_fault
    finding.save()
    _enter(finding, Kind.FAULT if said.is_fault else Kind.SOUND, words, by)


def _add(evaluation: Evaluation, added: Added, by) -> EvaluationFinding:
    words = added.words.strip()
    if added.code not in CODES:
        raise RuleBroken(_("Not saved: please choose an item of the list."), field="code")
    if not words:
        raise RuleBroken(_("Not saved: please write what you found."), field="words")
    finding = EvaluationFinding.objects.create(
        evaluation=evaluation,
        code=added.code,
        item=added.item,
        how=How.MANUAL,
        fault=True,
        words=words,
    )
    _enter(finding, Kind.FAULT, words, by)
    return finding


def _enter(finding: EvaluationFinding, kind: Kind, words: str, by) -> EvaluationEntry:
    return EvaluationEntry.objects.create(
        finding=finding, kind=kind, words=words or None, made_by=by
    )


@atomic_retry
def answer(*, finding: EvaluationFinding, words: str, by) -> EvaluationEntry:
    """The doctor's written answer to what was found; whoever judged reads it (R-41)."""
    if finding.evaluation.prescription.prescriber_id != by.pk:
        raise RuleBroken(_("Only the doctor who wrote the prescription answers."), rule="R-142")
    if not words.strip():
        raise RuleBroken(_("Not sent: please write your answer."), field="words")
    return _enter(finding, Kind.ANSWER, words.strip(), by)
