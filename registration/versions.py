"""What was signed, kept word for word; how later versions differ; whether all of it is genuine.

A version holds its own circumstances and the digest of the one before inside its encrypted
content. Encryption binds that to the row, so whoever alters a column, a version or their order
in the database is seen (R-145, R-148).
"""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from registration.models import Consultation, RecordVersion
from registration.parts import DATES, FLAGS, PARTS, TEXTS
from registration.vitals import shown
from security.chain import FIRST, digest
from security.crypto import CryptoError


def keep(record: Consultation, *, diagnoses, by, allergies: str | None = None) -> RecordVersion:
    """Keep the record as it is now; the caller has it locked.

    `allergies` are those known at this signature. A correction brings none: it does not make
    anybody have known more on that day.
    """
    before = record.versions.order_by("number").last()
    now = timezone.now()
    content = content_of(
        record,
        diagnoses=diagnoses,
        by=by,
        at=now,
        before=before,
        allergies=before.content["allergies"] if allergies is None else allergies,
    )
    return RecordVersion.objects.create(
        consultation=record, number=record.version, content=content, written_at=now, written_by=by
    )


def content_of(record: Consultation, *, diagnoses, by, at, before, allergies: str) -> dict:
    """What the version of this moment holds; `before` is the one before it, if there is one."""
    return {
        **_signed_part(record, diagnoses),
        "allergies": allergies,
        **_circumstances(record.pk, record.version, at, by.pk),
        "before": digest(before.content) if before else FIRST,
    }


def _signed_part(record: Consultation, diagnoses) -> dict:
    days = {name: getattr(record, name) for name in DATES}
    return {
        "parts": {
            **{name: getattr(record, name) or "" for name in TEXTS},
            **{name: day.isoformat() if day else "" for name, day in days.items()},
            **{name: getattr(record, name) for name in FLAGS},
        },
        "vitals": record.vitals or {},
        "diagnoses": [[d.code, d.name, d.suspected] for d in diagnoses],
    }


def _circumstances(record, number: int, at, by) -> dict:
    return {"record": str(record), "number": number, "at": at.isoformat(), "by": str(by)}


def is_genuine(record: Consultation, versions: list[RecordVersion], diagnoses) -> bool:
    """True when every version is what was written then, and the record is what the last one says.

    `versions` are all of them in their order. A record that was never signed has none; one whose
    signature was taken back is written on from its last one.
    """
    if record.finished_at is None and not versions:
        return True
    before = FIRST
    try:
        for version in versions:
            content = version.content
            wanted = _circumstances(
                version.consultation_id, version.number, version.written_at, version.written_by_id
            )
            if content["before"] != before or any(content[k] != v for k, v in wanted.items()):
                return False
            before = digest(content)
        last = versions[-1]
        if record.finished_at is None:
            return last.number < record.version
        now = _signed_part(record, diagnoses)
        return last.number == record.version and all(last.content[k] == v for k, v in now.items())
    except (CryptoError, IndexError, KeyError, TypeError):
        return False


def known_allergies(record: Consultation) -> str | None:
    """The allergies that were known when the record was signed; None before that."""
    if record.finished_at is None:
        return None
    version = record.versions.order_by("number").last()
    return version.content["allergies"] if version else None


@dataclass(frozen=True)
class Difference:
    """One part of two versions that is not the same in both."""

    label: str
    old: str
    new: str


def differences(old: RecordVersion, new: RecordVersion) -> list[Difference]:
    """The original and a later version side by side, only where they differ."""
    return _differences(old.content, new.content)


def written_since(old: RecordVersion, record: Consultation, diagnoses) -> list[Difference]:
    """The same for a record that was signed, taken back and is being written again."""
    return _differences(old.content, _signed_part(record, diagnoses))


def _differences(old: dict, new: dict) -> list[Difference]:
    ours, theirs = _readable(old), _readable(new)
    return [
        Difference(label, ours[label], theirs[label])
        for label in theirs
        if ours[label] != theirs[label]
    ]


def _readable(content: dict) -> dict[str, str]:
    """Label and text of everything a person may have changed."""
    parts, field = content["parts"], Consultation._meta.get_field
    texts = {str(field(n).verbose_name): str(parts[n]) for n in PARTS if n not in FLAGS}
    kinds = [str(field(name).verbose_name) for name in FLAGS if parts[name]]
    return {
        **texts,
        _("kind of visit"): "，".join(kinds) or _("Return visit"),
        _("Vital signs"): "，".join(_vitals(content["vitals"])),
        _("Diagnosis"): "；".join(_diagnosis(*row) for row in content["diagnoses"]),
    }


def _vitals(vitals: dict) -> list[str]:
    return [f"{v['label']} {v['value']}{v['unit']}" for v in shown(vitals)]


def _diagnosis(code: str, name: str, suspected: bool) -> str:
    words = _("suspected %(name)s") % {"name": name} if suspected else name
    return f"{words}（{code}）"
