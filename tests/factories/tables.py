"""Lists of drugs as clinics have them, brought as far as a test needs."""

from clinic.core import jobs
from clinic.core.models import TableImport
from clinic.core.tables import imports

HEADINGS = "药品编码,药品名称,规格,单位,生产厂家,零售价,剂型,类别"
LINES = [
    "A001,头孢拉定胶囊,0.25g×24粒/盒,盒,华北制药,12.60,胶囊,西药",
    "A002,维生素C片,0.1g*100片/瓶,瓶,东北制药,3.20,片剂,西药",
    "A003,板蓝根颗粒,10g×20袋/包,包,白云山,15.80,颗粒剂,中成药",
]
DOUBTFUL = "A004,保和丸,9g,盒,,面议,丸剂,中成药"
REFUSED = "A005,,10ml×6支/盒,盒,某厂,9.9,口服液,中成药"


def csv(*lines: str, headings: str = HEADINGS) -> bytes:
    return "\n".join([headings, *lines]).encode()


def brought(
    by, content: bytes | None = None, name: str = "药品目录.csv", kind: str = "drugs"
) -> TableImport:
    """Read; the columns are to be looked at."""
    table = imports.bring(
        kind=kind,
        content=csv(*LINES, DOUBTFUL, REFUSED) if content is None else content,
        file_name=name,
        by=by,
    )
    return driven(table)


def driven(table: TableImport, seconds: float = 30) -> TableImport:
    """Worked at until it waits for a person."""
    jobs.drive(table.job_id, seconds=seconds)
    return TableImport.objects.select_related("job").get(pk=table.pk)


def checked(by, content: bytes | None = None, **more) -> TableImport:
    """Matched as the headings tell, and checked; ready to start."""
    table = brought(by, content, **more)
    imports.match(table_id=table.pk, mapping=table.read_head()["mapping"], by=by)
    return driven(table)


def imported(by, content: bytes | None = None, **more) -> TableImport:
    """Started and done."""
    table = checked(by, content, **more)
    imports.start(table_id=table.pk, by=by)
    return driven(table)


def taken_back(table: TableImport, by) -> TableImport:
    imports.take_back(table_id=table.pk, by=by)
    return driven(table)


def build(by) -> dict:
    """For the scene: a list of drugs that was read, one that was checked, one that is in."""
    return {
        "list_read": brought(by),
        "list_checked": checked(by),
        "list_done": imported(by, name="二月补充.csv"),
    }
