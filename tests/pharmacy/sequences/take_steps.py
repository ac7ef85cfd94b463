"""Stock-takes in a random sequence: begun, counted, confirmed and posted while work goes on."""

from pharmacy import takes
from pharmacy.models import StockTake
from tests.pharmacy.sequences.choices import (
    Nothing,
    amounts,
    drugs,
    last_days,
    lots,
    misses,
    nth,
    people,
    pick,
    places,
    step,
)


class TakeSteps:
    @property
    def open_takes(self):
        return [pk for pk, take in self.shelf.takes.items() if take.is_open]

    @step(2, place=places, by=people)
    def begin_take(self, place, by):
        if len(self.open_takes) > 1:
            raise Nothing
        begun = []
        take = self.clinic.step(
            lambda: takes.start(by=self.who(by), place=self.clinic.places[place]),
            lambda shelf: begun.append(shelf.begin_take(place)),
        )
        if take:
            self.shelf.takes[take.pk] = begun[0]
            takes.go_on()

    @step(2, n=nth, drug=drugs, lot=lots, days=last_days, amount=amounts, by=people)
    def find_a_batch(self, n, drug, lot, days, amount, by):
        pk = pick(self.open_takes, n)
        key = self.key(self.shelf.takes[pk].place, drug, lot, days)
        facts = {"lot": key.lot, "expires_on": key.expires, "quantity": amount}
        self.clinic.step(
            lambda: takes.add_found(
                take=StockTake(pk=pk), drug=self.clinic.drugs[drug], by=self.who(by), **facts
            ),
            lambda shelf: shelf.find(shelf.takes[pk], key, amount),
        )

    @step(1, n=nth, by=people)
    def cancel_take(self, n, by):
        pk = pick(self.open_takes, n)
        self.clinic.step(
            lambda: takes.cancel(take=StockTake(pk=pk), reason="人手不足", by=self.who(by)),
            lambda shelf: shelf.cancel(shelf.takes[pk]),
        )

    @step(6, n=nth, misses=misses)
    def count_take(self, n, misses):
        """The next thing that is to be done with a stock-take."""
        pk = pick(self.open_takes, n)
        if self.shelf.takes[pk].state in ("counting", "second"):
            self.count(pk, misses)
        else:
            self.confirm(pk)

    def count(self, pk, misses):
        take, row = self.shelf.takes[pk], StockTake.objects.get(pk=pk)
        wanted = [key for key, line in take.lines.items() if take.counts(line)]
        counted = {
            key: max(0, self.shelf.units[key] + misses[n % len(misses)][0])
            for n, key in enumerate(wanted)
        }
        lines = {self.clinic.key_of(line.batch): line for line in row.lines.select_related("batch")}
        entries = [
            takes.Entry(lines[key].pk, units, lines[key].version) for key, units in counted.items()
        ]
        by = self.who("storekeeper")
        done = self.clinic.step(
            lambda: takes.count(take=row, entries=entries, by=by),
            lambda shelf: shelf.count(shelf.takes[pk], counted),
        )
        if done is not None:
            self.clinic.step(
                lambda: takes.close_count(take=row, by=by),
                lambda shelf: shelf.close_count(shelf.takes[pk]),
            )

    def confirm(self, pk):
        row = StockTake.objects.get(pk=pk)
        if self.shelf.takes[pk].state == "to_confirm":
            reasons = dict.fromkeys(row.lines.values_list("pk", flat=True), ("missing", ""))
            takes.explain(take=row, reasons=reasons, by=self.who("storekeeper"))
            for by in ("storekeeper", "pharmacist"):
                self.clinic.step(
                    lambda by=by: takes.confirm(take=row, by=self.who(by)),
                    lambda shelf, by=by: shelf.confirm(
                        shelf.takes[pk], counted_by="storekeeper", by=by
                    ),
                )
        if self.shelf.takes[pk].state == "posting":
            # By pieces: what was cut off is finished by the next run.
            self.clinic.step(
                lambda: (takes.go_on(), takes.go_on()),
                lambda shelf: shelf.book(shelf.takes[pk]),
            )
