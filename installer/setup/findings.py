"""What the doctor says: one line for each thing that was looked at, and what to do about it."""

from dataclasses import asdict, dataclass

from installer.setup import words
from installer.setup.doctor_words import LEVELS, SUMMARIES, TITLES

# The order in which lines stand; what isn't named comes last.
ORDER = (
    *("program", "service", "address", "certificate", "space", "memory", "database", "migrations"),
    *("backups", "keys", "audit", "clock", "versions", "permissions", "jobs", "logs"),
)
OK, NOTE, CARE, FAULT = "ok", "note", "care", "fault"


@dataclass(frozen=True)
class Finding:
    """`level`: ok; note (good to know); care (soon); fault (now)."""

    name: str
    level: str
    said: str
    do: str = ""
    title: str = ""


@dataclass(frozen=True)
class Teller:
    """Makes findings in one language."""

    language: str = "zh"

    def tell(self, name: str, level: str, said: str, do: str = "") -> Finding:
        return Finding(name, level, self.in_words(said), self.in_words(do), self.title(name))

    def in_words(self, sentence: str) -> str:
        return (
            sentence
            if self.language == "en" or not sentence
            else words.chinese(sentence) or sentence
        )

    def title(self, name: str) -> str:
        return TITLES[name][self.language == "en"] if name in TITLES else name


def status(findings: list[Finding]) -> int:
    """The exit status: 0 all is well, 1 something needs care soon, 2 something is wrong now."""
    levels = {finding.level for finding in findings}
    return 2 if FAULT in levels else 1 if CARE in levels else 0


def in_order(findings: list[Finding]) -> list[Finding]:
    """As `ORDER` says; two of one name stay as they were."""
    return sorted(
        findings, key=lambda one: ORDER.index(one.name) if one.name in ORDER else len(ORDER)
    )


def as_line(finding: Finding, language: str) -> str:
    mark = LEVELS[finding.level][language == "en"]
    colon, arrow = (": ", " -> ") if language == "en" else ("：", " → ")
    line = f"[{mark}] {finding.title}{colon}{finding.said}"
    return f"{line}{arrow}{finding.do}" if finding.do else line


def as_text(findings: list[Finding], language: str) -> str:
    lines = [as_line(finding, language) for finding in findings]
    faults = sum(finding.level == FAULT for finding in findings)
    cares = sum(finding.level == CARE for finding in findings)
    summary = SUMMARIES["some" if faults or cares else "none"][language == "en"]
    return "\n".join([*lines, summary.format(faults=faults, cares=cares)])


def as_data(findings: list[Finding]) -> dict:
    """For --json, and for the program that asks this one."""
    return {"status": status(findings), "findings": [asdict(one) for one in findings]}


def from_data(said: dict) -> list[Finding]:
    return [Finding(**one) for one in said["findings"]]
