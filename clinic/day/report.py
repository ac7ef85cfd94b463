"""The day's report: what each verb took, what the server took, what was proved; table and JSON.

Times are as a browser saw them, on the same machine. The 95th percentile that counts is that of
pages and presses: polls and files are cheap and many, and with them the figure would flatter.
"""

import csv
import gzip
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

PAGES, PRESSES, POLLS, FILES, HEADS = KINDS = ("GET", "POST", "POLL", "FILE", "HEAD")
FEW = 3  # requests of a verb; of fewer nothing is told in the table
MOST_SHOWN = 20  # faults of one proof; the rest is counted


class Measured(NamedTuple):
    """A request, as it is kept in a file; the browser's Measure has the same names."""

    at: float
    who: str
    verb: str
    status: int
    ms: float
    bytes: int
    queries: int | None


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest that at least this share did not exceed (nearest rank)."""
    return ordered[max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1)]


def kind_of(verb: str) -> str:
    return verb.partition(" ")[0]


def figures(measures: Sequence) -> dict:
    """Of some requests: how many, how long, how often they asked the database, how large."""
    times = sorted(one.ms for one in measures)
    asked = [one.queries for one in measures if one.queries is not None]
    return {
        "count": len(times),
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(percentile(times, 0.95), 1),
        "p99_ms": round(percentile(times, 0.99), 1),
        "most_ms": round(times[-1], 1),
        "queries": round(statistics.median(asked)) if asked else None,
        "queries_most": max(asked) if asked else None,
        "bytes": round(statistics.mean(one.bytes for one in measures)),
    }


def summary(measures: Iterable, *, visits: int, seconds: float) -> dict:
    """All figures that follow from the requests of one clinic or of several."""
    measures = list(measures)
    verbs, kinds = defaultdict(list), defaultdict(list)
    statuses: dict[str, int] = defaultdict(int)
    for one in measures:
        verbs[one.verb].append(one)
        kinds[kind_of(one.verb)].append(one)
        statuses[str(one.status)] += 1
    people = kinds[PAGES] + kinds[PRESSES]
    told = {
        "requests": len(measures),
        "requests_a_second": round(len(measures) / seconds, 1) if seconds else None,
        "visits": visits,
        "seconds": round(seconds, 1),
        "statuses": dict(sorted(statuses.items())),
        "failed": sum(n for status, n in statuses.items() if status == "0" or status >= "500"),
        "pages_and_presses": figures(people) if people else None,
        "kinds": {kind: figures(kinds[kind]) for kind in KINDS if kinds[kind]},
        "verbs": {verb: figures(found) for verb, found in sorted(verbs.items())},
    }
    if visits:
        asked = [one.queries for one in people if one.queries is not None]
        told["per_visit"] = {
            "requests": round(len(people) / visits, 1),
            "queries": round(sum(asked) / visits) if asked else None,
            "kilobytes": round(sum(one.bytes for one in measures) / visits / 1000, 1),
            "kilobytes_without_polls_and_files": round(
                sum(one.bytes for one in people) / visits / 1000, 1
            ),
        }
    return told


def with_usage(told: dict, usage: dict) -> dict:
    """What the served programs took, whole and for each visit."""
    told["usage"] = usage
    if told["visits"]:
        spent, visits = usage["cpu_seconds"], told["visits"]
        each = {name: round(1000 * value / visits) for name, value in spent.items()}
        told["per_visit"]["cpu_ms"] = {**each, "whole": round(1000 * sum(spent.values()) / visits)}
    return told


# --- as text --------------------------------------------------------------------------------------

HEAD = ("verb", "count", "median", "95 %", "99 %", "most", "queries", "most", "kB")


def text(told: dict, proofs: Sequence[dict] = ()) -> str:
    """The whole report in plain lines of at most a hundred letters."""
    lines = [*_heading(told), "", *_table(told), "", *_costs(told)]
    if proofs:
        lines += ["", *proof_lines(proofs)]
    return "\n".join(lines)


def _heading(told: dict) -> list[str]:
    statuses = ", ".join(f"{n:,} × {status}" for status, n in told["statuses"].items())
    minutes, pace = told["seconds"] / 60, told["requests_a_second"]
    return [
        f"{told['visits']} visits in {minutes:.1f} minutes, {told['requests']:,} requests "
        f"({pace} a second)",
        f"answers: {statuses}; failed: {told['failed']}",
    ]


def _table(told: dict) -> list[str]:
    rows = [HEAD]
    if told["pages_and_presses"]:
        rows.append(_row("all pages and presses", told["pages_and_presses"]))
    rows += [_row(f"all {kind}", found) for kind, found in told["kinds"].items()]
    verbs = sorted(told["verbs"].items(), key=lambda item: (KINDS.index(kind_of(item[0])), item[0]))
    rows += [_row(verb, found) for verb, found in verbs if found["count"] >= FEW]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    return [
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _row(name: str, found: dict) -> tuple[str, ...]:
    queries = [found["queries"], found["queries_most"]]
    return (
        name,
        f"{found['count']:,}",
        *(f"{found[key]:.0f}" for key in ("median_ms", "p95_ms", "p99_ms", "most_ms")),
        *("–" if value is None else str(value) for value in queries),
        f"{found['bytes'] / 1000:.1f}",
    )


def _costs(told: dict) -> list[str]:
    lines = []
    each = told.get("per_visit")
    if each:
        lines.append(
            f"each visit: {each['requests']} pages and presses, {each['queries']} queries, "
            f"{each['kilobytes']} kB ({each['kilobytes_without_polls_and_files']} kB without polls "
            "and files)"
        )
        if "cpu_ms" in each:
            by = ", ".join(f"{name} {ms}" for name, ms in each["cpu_ms"].items() if name != "whole")
            lines.append(f"server's CPU for each visit: {each['cpu_ms']['whole']} ms ({by})")
    usage = told.get("usage")
    if usage:
        most, end = usage["memory_mb_most"], usage["memory_mb_end"]
        spent = usage["cpu_seconds"]
        lines.append(
            f"memory (PSS of all programs): most {sum(most.values()):.0f} MB, at the end "
            f"{sum(end.values()):.0f} MB ({_by(end)})"
        )
        lines.append(
            f"CPU: server {sum(spent.values()):.0f} s ({_by(spent)}); the people's own program "
            f"{usage['own_cpu_seconds']:.0f} s"
        )
    if told.get("first_screens"):
        found = told["first_screens"]
        by = ", ".join(f"{role} {size / 1000:.1f}" for role, size in sorted(found.items()))
        lines.append(f"first screen after sign-in, cold, kB over the line: {by}")
    return lines


def _by(found: dict) -> str:
    return ", ".join(f"{name} {value:.0f}" for name, value in found.items() if value)


def proof_lines(proofs: Sequence[dict]) -> list[str]:
    lines = []
    for proof in proofs:
        said = "holds" if not proof["faults"] else "DOES NOT HOLD"
        words = f"; {proof['words']}" if proof["words"] else ""
        lines.append(f"{said}: {proof['name']} ({proof['looked']} looked at{words})")
        lines += [f"    {fault}" for fault in proof["faults"][:MOST_SHOWN]]
        if (more := len(proof["faults"]) - MOST_SHOWN) > 0:
            lines.append(f"    and {more} more")
    return lines


# --- raw requests, for adding several clinics up --------------------------------------------------


def save(path: Path, measures: Iterable) -> None:
    with gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=3) as stream:
        rows = csv.writer(stream)
        for one in measures:
            rows.writerow([getattr(one, name) for name in Measured._fields])


def load(path: Path) -> list[Measured]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return [
            Measured(float(at), who, verb, int(status), float(ms), int(size), int(n) if n else None)
            for at, who, verb, status, ms, size, n in csv.reader(stream)
        ]
