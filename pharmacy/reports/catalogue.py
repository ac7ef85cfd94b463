"""Every report there is, in the order in which they are offered."""

from pharmacy.reports import receipts, shelf, turnover

REPORTS = {
    report.slug: report
    for report in [
        turnover.TURNOVER,
        turnover.DRUGS,
        turnover.BATCHES,
        receipts.RECEIPTS,
        shelf.USE,
        shelf.NEAR,
        shelf.LOSSES,
        shelf.VALUE,
    ]
}
