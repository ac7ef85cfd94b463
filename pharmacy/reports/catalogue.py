"""Every report there is, in the order in which they are offered."""

from pharmacy.reports import shelf, turnover

REPORTS = {
    report.slug: report
    for report in [
        turnover.TURNOVER,
        turnover.DRUGS,
        turnover.BATCHES,
        shelf.USE,
        shelf.NEAR,
        shelf.LOSSES,
        shelf.VALUE,
    ]
}
