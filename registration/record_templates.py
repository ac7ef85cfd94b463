"""Texts that a button puts into the record: phrases and templates, own and the clinic's (R-74)."""

import json
from pathlib import Path

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from registration import icd10
from registration.consultation import MOST_DIAGNOSES, add_diagnosis, diagnoses_of, held, write
from registration.models import Consultation, RecordTemplate
from registration.parts import REUSED

FILE = Path(__file__).parent / "data" / "record_templates.json"
LONGEST = {name: 500 if name == "complaint" else 2000 for name in REUSED}
ENDS = "。；;.！？!?\n"
Kind = RecordTemplate.Kind


def usable(user) -> QuerySet[RecordTemplate]:
    """One's own templates, what colleagues share, and what came with the program."""
    return RecordTemplate.objects.filter(Q(owner=user) | Q(shared=True), active=True)


def offered(user) -> dict[str, list[RecordTemplate]]:
    """By kind, one's own first; an own one hides the clinic's of the same name. One query."""
    rows = sorted(usable(user), key=lambda row: (row.owner_id != user.pk, row.rank, row.name))
    found: dict[str, dict[str, RecordTemplate]] = {kind: {} for kind in Kind.values}
    for row in rows:
        found[row.kind].setdefault(row.name, row)
    return {kind: list(rows.values()) for kind, rows in found.items()}


@atomic_retry
def insert(*, consultation: Consultation, template: RecordTemplate, by) -> Consultation:
    """Put a template into the record: a phrase behind what stands there, a record's texts only
    where nothing stands, its diagnoses beside those there."""
    consultation = held(consultation, by)
    texts = {name: text for name, text in template.texts.items() if name in REUSED}
    if template.kind == Kind.PHRASE:
        fields = {
            name: appended(getattr(consultation, name) or "", text) for name, text in texts.items()
        }
    else:
        fields = {name: text for name, text in texts.items() if not getattr(consultation, name)}
    if any(len(text) > LONGEST[name] for name, text in fields.items()):
        raise RuleBroken(_("Not inserted: the text would become too long."), field="examination")
    write(consultation, fields)
    add_missing(consultation, [(code, False) for code in template.codes or []], by=by)
    return consultation


def appended(text: str, phrase: str) -> str:
    """`phrase` behind `text`; what stands there already is not repeated."""
    if phrase in text:
        return text
    if not text or text[-1] in ENDS:
        return text + phrase
    return f"{text.rstrip('，,、')}。{phrase}"


def add_missing(consultation: Consultation, codes: list[tuple[str, bool]], *, by) -> list[str]:
    """Add those diagnoses (code, suspected) that don't stand there yet.

    Returns the codes that could not be added: out of use, or no room for them.
    """
    there = {diagnosis.code for diagnosis in diagnoses_of(consultation)}
    left = []
    for code, suspected in codes:
        if code in there:
            continue
        if len(there) >= MOST_DIAGNOSES or icd10.get(code) is None:
            left.append(code)
            continue
        add_diagnosis(consultation=consultation, code=code, suspected=suspected, by=by)
        there.add(code)
    return left


@atomic_retry
def keep(
    *,
    name: str,
    kind: str,
    texts: dict[str, str],
    codes: list[str] | None = None,
    shared: bool = False,
    template: RecordTemplate | None = None,
    by,
) -> RecordTemplate:
    """Write a template of one's own, new or anew."""
    texts = {key: text for key, text in texts.items() if text}
    if not name:
        raise RuleBroken(_("Not saved: please give the template a name."), field="name")
    if kind == Kind.PHRASE:
        texts = {key: text for key, text in texts.items() if key == "examination"}
        codes = None
    if not texts:
        raise RuleBroken(_("Not saved: there is no text in it yet."), field="examination")
    if template is None:
        template = RecordTemplate(owner=by)
    else:
        template = own(template, by)
    key = f"{by.pk}/{kind}/{name}"
    if RecordTemplate.objects.filter(live_key=key).exclude(pk=template.pk).exists():
        raise AlreadyDone(
            _("Not saved: you have a template “%(name)s” already. Please choose another name.")
            % {"name": name},
            field="name",
        )
    template.name, template.kind, template.live_key = name, kind, key
    template.texts, template.codes, template.shared = texts, codes or None, shared
    template.save()
    return template


@atomic_retry
def keep_record(*, consultation: Consultation, name: str, by) -> RecordTemplate:
    """Make a template of one's own out of this record's texts and diagnoses."""
    consultation = held(consultation, by)
    try:
        return keep(
            name=name,
            kind=Kind.RECORD,
            texts={part: getattr(consultation, part) or "" for part in REUSED},
            codes=[diagnosis.code for diagnosis in diagnoses_of(consultation)],
            by=by,
        )
    except RuleBroken as error:
        error.field = "template_name"
        raise


@atomic_retry
def put_first(*, template: RecordTemplate, by) -> RecordTemplate:
    """Of one's own of this kind it stands first: one key inserts the first phrase."""
    template = own(template, by)
    others = RecordTemplate.objects.filter(owner=by, kind=template.kind, active=True)
    least = others.exclude(pk=template.pk).order_by("rank").values_list("rank", flat=True).first()
    template.rank = template.rank if least is None else least - 1
    template.save(update_fields=["rank"])
    return template


@atomic_retry
def retire(*, template: RecordTemplate, by) -> RecordTemplate:
    """Take a template of one's own out of use."""
    template = own(template, by)
    template.active, template.live_key = False, None
    template.save(update_fields=["active", "live_key"])
    return template


@atomic_retry
def copy_to_own(*, template: RecordTemplate, by) -> RecordTemplate:
    """A colleague's template or the clinic's as one's own, to be changed."""
    return keep(
        name=template.name,
        kind=template.kind,
        texts=template.texts,
        codes=template.codes,
        by=by,
    )


def own(template: RecordTemplate, by) -> RecordTemplate:
    """One's own template as it is now, locked."""
    template = lock(RecordTemplate.objects.filter(pk=template.pk)).get()
    if template.owner_id != by.pk:
        raise RuleBroken(_("Not changed: this template belongs to somebody else."), rule="R-142")
    if not template.active:
        raise AlreadyDone(_("Not changed: this template was taken out of use meanwhile."))
    return template


def load_record_templates(path: Path = FILE) -> int:
    """Add the templates of the program that are missing; returns how many were written.

    One that was put out of use stays out of use.
    """
    rows = json.loads(path.read_text(encoding="utf-8"))
    known = set(RecordTemplate.objects.filter(owner=None).values_list("kind", "name"))
    wanted = [row for row in rows if (row["kind"], row["name"]) not in known]
    for row in wanted:
        _load(row, rank=rows.index(row))
    return len(wanted)


@atomic_retry
def _load(row: dict, *, rank: int) -> None:
    RecordTemplate.objects.create(
        kind=row["kind"],
        rank=rank,
        name=row["name"],
        texts=row["texts"],
        codes=row.get("codes"),
        shared=True,
        live_key=f"/{row['kind']}/{row['name']}",
    )
