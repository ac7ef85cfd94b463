"""A record in words: for the chart and for paper."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registration.consultation import diagnoses_of
from registration.models import Consultation
from registration.vitals import shown


def before_vitals(record: Consultation) -> list[dict]:
    """What was told and found, for a list; a part that is empty is left out."""
    return _told(
        ("", record.complaint),
        (_("Illness"), record.present_illness),
        (_("Past history"), record.past_history),
        (_("Findings"), record.examination),
        (_("Test results"), record.auxiliary),
    )


def after_vitals(record: Consultation) -> list[dict]:
    """What was decided."""
    return _told(
        ("", record.advice),
        (_("Sick note"), sick_words(record)),
        (_("Referral"), joined(record.referral_to, record.referral_reason)),
        (_("Follow-up"), day_words(record.follow_up_on)),
    )


def _told(*parts: tuple[str, str | None]) -> list[dict]:
    return [{"label": label, "text": text} for label, text in parts if text]


def diagnosis_words(record: Consultation) -> str:
    """Numbered where there are several; the main one first."""
    words = [f"{d.words}（{d.code}）" for d in diagnoses_of(record)]
    if len(words) < 2:
        return "".join(words)
    return "\n".join(f"{number}. {text}" for number, text in enumerate(words, 1))


def vitals_words(record: Consultation) -> str:
    values = [f"{v['label']} {v['value']}{v['unit']}" for v in shown(record.vitals)]
    return "，".join(values)


def sick_days(record: Consultation) -> int:
    return (record.sick_until - record.sick_from).days + 1 if record.sick_from else 0


def sick_words(record: Consultation) -> str:
    if record.sick_from is None:
        return ""
    words = _("%(days)s days, from %(first)s to %(last)s") % {
        "days": sick_days(record),
        "first": day_words(record.sick_from),
        "last": day_words(record.sick_until),
    }
    return joined(words, record.sick_reason)


def day_words(day) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""


def joined(*parts) -> str:
    return "，".join(part for part in parts if part)
