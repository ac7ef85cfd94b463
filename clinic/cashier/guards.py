"""The database itself refuses what would change a shift that was handed over (see triggers)."""

from security import triggers

RUNS = "EXISTS (SELECT 1 FROM cashier_shift s WHERE s.id = {row}.shift_id AND s.closed_at IS NULL)"
WORDS = "A shift that was handed over is never changed."


def register() -> None:
    """Called in ready()."""
    triggers.guard("cashier_shift", "UPDATE", "OLD.closed_at IS NULL", WORDS)
    triggers.guard("cashier_shift", "DELETE", "OLD.closed_at IS NULL", WORDS)
    for table in ("cashier_receipt", "cashier_tillentry", "cashier_shiftline"):
        triggers.guard(table, "INSERT", RUNS.format(row="NEW"), WORDS)
    for verb in ("UPDATE", "DELETE"):
        triggers.guard("cashier_shiftline", verb, RUNS.format(row="OLD"), WORDS)
