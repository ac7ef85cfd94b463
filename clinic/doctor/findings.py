"""One line of the doctor's; the same shape as installer/setup/findings.py tells in JSON."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

OK, NOTE, CARE, FAULT = "ok", "note", "care", "fault"
LEVELS = {OK: _("in order"), NOTE: _("for information"), CARE: _("take care"), FAULT: _("fault")}
TAGS = {OK: "ok", NOTE: "info", CARE: "warn", FAULT: "harm"}
ORDER = (
    *("program", "service", "address", "certificate", "space", "memory", "database", "migrations"),
    *("backups", "keys", "audit", "clock", "versions", "permissions", "jobs", "logs"),
)


@dataclass(frozen=True)
class Finding:
    """`level`: ok; note (good to know); care (soon); fault (now)."""

    name: str
    level: str
    said: str
    do: str = ""
    title: str = ""

    @property
    def level_words(self):
        return LEVELS[self.level]

    @property
    def tag(self) -> str:
        return TAGS[self.level]


def in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(
        findings, key=lambda one: ORDER.index(one.name) if one.name in ORDER else len(ORDER)
    )


def status(findings: list[Finding]) -> int:
    """0 all is well, 1 something needs care soon, 2 something is wrong now."""
    levels = {finding.level for finding in findings}
    return 2 if FAULT in levels else 1 if CARE in levels else 0
