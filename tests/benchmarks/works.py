"""The works of a clinic's day, each as somebody's browser asks for it; all take turns."""

import itertools
import statistics
from collections.abc import Callable

from tests.benchmarks.served import Served
from tests.benchmarks.visitor import Answer, Visitor, complaints, form_of

# Whole names, parts, pinyin and initials, as a front desk types them; each finds somebody.
TYPED = ["王秀", "李", "zhangwei", "lj", "陈静", "liuyang", "黄", "wangxy", "秀英", "0777"]
SURNAME = "王"  # more than fifty of them


class Works:
    """`turns` asks everything so many times; `times` holds the milliseconds by name."""

    def __init__(self, served: Served, prepared: dict):
        self.prepared, self.served = prepared, served
        self.nobody = Visitor(served)
        self.desk = Visitor(served, "frontdesk")
        self.doctor = Visitor(served, "doctor")
        self.window = Visitor(served, "pharmacist2")
        self.charts = itertools.cycle(prepared["charts"])
        self.typed = itertools.cycle(TYPED)
        self.new = iter(prepared["to_register"])
        self.sheets = iter(prepared["sheets"])
        self.search_form = form_of(self.desk.get("/patients/"), "q")
        self.times: dict[str, list[tuple[float, float]]] = {}

    def all(self) -> dict[str, Callable[[], None]]:
        return {
            "empty": lambda: self.note("empty", self.desk.get("/bench/empty/")),
            "list": lambda: self.note("list", self.desk.get(f"/bench/list/?q={_url(SURNAME)}")),
            "desk": lambda: self.note("desk", self.desk.get("/registration/")),
            "search": self.search,
            "chart": lambda: self.note("chart", self.doctor.get(f"/patients/{next(self.charts)}/")),
            "register": self.register,
            "dispense": self.dispense,
        }

    def turns(self, rounds: int) -> None:
        works = list(self.all().values())
        for number in range(rounds):
            for work in works if number % 2 else reversed(works):
                self.note("floor", self.nobody.get("/bench/floor/"))
                work()
            if not number:
                self.times.clear()  # what is loaded on first use

    def search(self) -> None:
        form = {**self.search_form, "q": next(self.typed)}
        answer = self.desk.post("/patients/", form)
        self.note("search", answer)
        assert "P9000" in answer.text, f"nobody for {form['q']}"

    def register(self) -> None:
        path = f"/registration/new/{next(self.new)}/"
        form = form_of(self.desk.get(path), "session")
        self.saved("register", self.desk, self.desk.post(path, form))

    def dispense(self) -> None:
        path = f"/prescriptions/{next(self.sheets)}/dispense/"
        form = form_of(self.window.get(path), "scanned")
        form.pop("step", None)
        self.saved("dispense", self.window, self.window.post(path, form))

    def saved(self, name: str, visitor: Visitor, posted: Answer) -> None:
        """The POST alone, and with the page that it leads to."""
        assert posted.status == 302, f"{name}: {posted.status} {complaints(posted)}"
        after = visitor.get(posted.headers["Location"])
        assert after.status == 200, f"{name}: {after.status}"
        assert name != "dispense" or "message-error" not in after.text, after.text
        both = (posted.ms + after.ms, posted.cpu + after.cpu)
        self._put(name, posted.ms, posted.cpu)
        self._put(f"{name}_page", after.ms, after.cpu)
        self._put(f"{name}_both", *both)

    def note(self, name: str, answer: Answer) -> None:
        assert answer.status == 200, f"{name}: {answer.status} {answer.text[:3000]}"
        self._put(name, answer.ms, answer.cpu)

    def _put(self, name: str, ms: float, cpu: float) -> None:
        self.times.setdefault(name, []).append((ms, cpu))

    def medians(self) -> dict[str, tuple[float, float]]:
        """Waited, and computed by the server."""
        return {
            name: tuple(map(statistics.median, zip(*times, strict=True)))
            for name, times in self.times.items()
        }


def _url(text: str) -> str:
    from urllib.parse import quote

    return quote(text)
