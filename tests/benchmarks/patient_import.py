"""A list of 10,000 patients comes in, with everything that lists have, while people go on working.

    python -m tests.benchmarks.patient_import [--rows 10000] [--encoding gb18030]

By itself on SQLite, with DATABASE_URL on MariaDB. Printed: seconds and rows a second of each step,
the longest piece (one transaction; on SQLite nobody else can write meanwhile) by the clock on the
wall and by what the process computed, which a busy machine spoils less, and how long a page and
the opening of a file take a colleague beside it, against the same without an import.
"""

import argparse
import contextlib
import multiprocessing
import random
import statistics
import sys
import time
from datetime import date, timedelta

from tests.benchmarks import ground

LIMIT = 0.2  # seconds that one piece may take
HEADINGS = "序号,患者姓名,性别,出生日期,身份证号码,联系电话,家庭住址,联系人,与患者关系,"
HEADINGS += "联系人电话,费别,药物过敏史"
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗单曾仇查解区"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平英华建国梅兰桂玉春生"
ALLERGIES = ["无", "否认", "", "不详", "青霉素", "青霉素（皮疹）", "磺胺、头孢", "有", "某种药膏"]
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def line(number: int, dice: random.Random) -> str:
    """One person; every twentieth has something odd."""
    from tests.factories.patients import id_number

    born = date(1935, 1, 1) + timedelta(days=dice.randrange(26_000))
    sex = dice.choice("12")
    name = dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2))))
    document = id_number(born, number % 499, sex=sex, area=320500 + number // 499)
    phone = f"13{dice.randrange(10**9):09d}"
    day = dice.choice(
        (f"{born}", f"{born.year}.{born.month}.{born.day}", f"{born:%Y%m%d}",
         f"{born.year}年{born.month}月{born.day}日", f"{(born - date(1899, 12, 30)).days}")
    )  # fmt: skip
    word = dice.choice({"1": ("男", "M", "1"), "2": ("女", "F", "2")}[sex])
    odd = dice.randrange(200)
    if odd == 0:
        document = f"{float(document[:17]):.5E}"
    elif odd == 1:
        document = document[:17] + ("0" if document[17] != "0" else "1")
    elif odd == 2:
        phone = phone[:-1]
    elif odd == 3:
        day = f"{born:%d/%m/%Y}"
    elif odd == 4:
        day, document = f"{born:%y.%m.%d}", ""
    elif odd == 5:
        phone, name = phone.translate(WIDE), f"{name[0]}\u3000{name[1:]}"
    elif odd == 6:
        name, document = f"\u00a0{name}", f"'{document}"
    elif odd == 7:
        document, day = "", f"{born}"
    return ",".join(
        (str(number), name, word, day, document, phone, f"青溪镇北桥村{number % 40}组{number}号",
         "", "", "", dice.choice(("自费", "居民医保", "城镇职工", "新农合")),
         dice.choice(ALLERGIES))
    )  # fmt: skip


def table(rows: int, encoding: str) -> bytes:
    """A title, headings, the people, one of fifty twice, totals."""
    dice = random.Random(8)  # noqa: S311 - no secret
    lines: list[str] = []
    for number in range(1, rows + 1):
        again = lines and number % 50 == 0
        lines.append(dice.choice(lines) if again else line(number, dice))
    text = ["青溪社区卫生服务站居民名册,,,", HEADINGS, *lines, f"合计,{rows}人"]
    return "\r\n".join(text).encode(encoding)


def groups() -> None:
    from tests.factories.patients import AllergyGroupFactory

    for code, name, members in (
        ("PCN", "青霉素类", "青霉素;阿莫西林"),
        ("SULFA", "磺胺类", "磺胺"),
        ("CEPH", "头孢菌素类", "头孢"),
    ):
        AllergyGroupFactory(code=code, name=name, members=members)


# --- the colleague beside it -------------------------------------------------------------------


class Colleague:
    """Searches a patient and opens a file, time and again, and notes how long each takes."""

    def __init__(self, user):
        from django.conf import settings

        from tests.helpers import SecureClient

        settings.STORAGES["staticfiles"] = {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
        self.user, self.client, self.made, self.refused = user, SecureClient(), 0, 0
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        self.page()

    def page(self) -> None:
        from django.urls import reverse

        answer = self.client.post(reverse("patient_search"), {"q": "wangwei"})
        self.refused += answer.status_code != 200

    def file(self) -> None:
        from clinic.core.errors import Busy

        self.made += 1
        with contextlib.suppress(Busy):
            self.refused += 1
            self._register()
            self.refused -= 1

    def _register(self) -> None:
        from patients.services import register

        register(
            by=self.user, name=f"张{GIVEN[self.made % 30]}{GIVEN[self.made // 30 % 30]}", sex="1",
            birth_date=date(1970, 1, 1) + timedelta(days=self.made), id_type="98",
            no_id_reason="未带", phone=f"139{self.made:08d}",
        )  # fmt: skip

    def work(self, goes_on) -> dict[str, list[float]]:
        took = {"a search page": [], "opening a file": []}
        while goes_on():
            for name, what in zip(took, (self.page, self.file), strict=True):
                began = time.perf_counter()
                what()
                took[name].append(time.perf_counter() - began)
            time.sleep(0.1)
        return took


def told(took: dict[str, list[float]]) -> str:
    return "; ".join(
        f"{name} {1000 * statistics.median(each):.0f} ms, 95 of 100 within "
        f"{1000 * statistics.quantiles(each, n=20)[-1]:.0f}, longest {1000 * max(each):.0f}"
        for name, each in took.items()
    )


# --- the import --------------------------------------------------------------------------------


def drive(table_id, pipe) -> None:
    """To the end of this phase in a process of its own, as the scheduler does it."""
    from clinic.core import jobs
    from clinic.core.errors import Busy
    from clinic.core.models import Job, TableImport
    from clinic.core.tables import engine

    pieces: list[tuple[float, float]] = []

    def timed(verb):
        def run(*args):
            began, computed = time.perf_counter(), time.thread_time()
            try:
                return verb(*args)
            finally:
                pieces.append((time.perf_counter() - began, time.thread_time() - computed))

        return run

    for name in ("_slice", "_store", "_drop_piece", "_end_reading"):
        setattr(engine, name, timed(getattr(engine, name)))
    began, busy = time.perf_counter(), 0
    while True:
        table = TableImport.objects.select_related("job").get(pk=table_id)
        if table.job.state != Job.State.WAITING:
            break
        try:
            jobs.drive(table.job_id, seconds=15)
        except Busy:
            busy += 1
    pipe.send((time.perf_counter() - began, pieces, busy, table.job.error))


def phase(name: str, table_id, rows: int, colleague) -> bool:
    from django.db import connections

    connections.close_all()
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=drive, args=(table_id, theirs))
    process.start()
    took = colleague.work(lambda: not ours.poll())
    seconds, pieces, busy, error = ours.recv()
    process.join()
    late = sum(took > LIMIT for took, _computed in pieces)
    print(f"{name}: {seconds:.1f} s, {rows / seconds:.0f} rows/s{error}, busy {busy} times")
    for kind, each in zip(("waited for", "computed"), zip(*pieces, strict=True), strict=True):
        print(
            f"    {len(each)} pieces {kind}: median {1000 * statistics.median(each):.0f} ms, "
            f"longest {1000 * max(each):.0f} ms"
        )
    print(f"    {late} waited longer than {1000 * LIMIT:.0f} ms")
    print(f"    beside it: {told(took)}, refused {colleague.refused}")
    return late == 0 and not colleague.refused


def measure(rows: int, encoding: str) -> bool:
    from clinic.core.models import Institution, TableImport
    from clinic.core.tables import imports
    from security.management.commands.sync_roles import Command
    from security.models import User
    from security.permissions import Role
    from security.roles import set_roles

    Command().handle()
    Institution.objects.create(name="青溪社区卫生服务站", short_name="青溪")
    groups()
    user = User.objects.create_user("bench", full_name="马丽", must_change_password=False)
    user = set_roles(user=user, roles={Role.FRONTDESK.value}, by=None)
    colleague = Colleague(user)
    until = time.perf_counter() + 10
    alone = colleague.work(lambda: time.perf_counter() < until)
    print(f"nobody imports: {told(alone)}")
    content = table(rows, encoding)
    brought = imports.bring(kind="patients", content=content, file_name="名册.csv", by=user)
    fine = phase("read", brought.pk, rows, colleague)
    mapping = TableImport.objects.get().read_head()["mapping"]
    imports.match(table_id=brought.pk, mapping=mapping, by=user)
    fine &= phase("checked", brought.pk, rows, colleague)
    imports.start(table_id=brought.pk, by=user, rest="create")
    fine &= phase("written", brought.pk, rows, colleague)
    done = TableImport.objects.get()
    print(f"    created {done.created}, unchanged {done.unchanged}, refused {done.refused}, "
          f"doubtful {done.doubtful} of {rows}")  # fmt: skip
    imports.take_back(table_id=brought.pk, by=user)
    fine &= phase("taken back", brought.pk, rows, colleague)
    print(f"promised: no piece over {1000 * LIMIT:.0f} ms: {'kept' if fine else 'NOT KEPT'}")
    return fine


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--encoding", default="gb18030")
    options = parser.parse_args()
    with ground.scratch_database() as connection:
        print(f"{connection.vendor}, {options.rows} rows, {options.encoding}")
        return 0 if measure(options.rows, options.encoding) else 1


if __name__ == "__main__":
    sys.exit(main())
