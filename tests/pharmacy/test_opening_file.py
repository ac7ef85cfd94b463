"""An opening stock comes as a spreadsheet; a draft open in two tabs loses nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pharmacy import papers
from tests.factories import supplier_list as lists
from tests.factories.pharmacy import stocked_drug
from tests.pharmacy.papers import drafted
from tests.pharmacy.test_papers_pages import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_, storekeeper):
    return as_(storekeeper)


@pytest.fixture
def opening(storekeeper):
    return papers.start(kind="opening", head={}, by=storekeeper)


@pytest.mark.parametrize(
    "made", [lists.as_xls, lists.as_xlsx, lambda rows: lists.as_csv(rows, "gbk")]
)
def test_a_spreadsheet_becomes_lines_and_what_is_doubtful_waits_R115(client, opening, made):
    lists.library()
    file = SimpleUploadedFile("期初.xls", made(lists.table()))

    page = write(client, opening, do="file", lines=0, file=file)

    assert opening.lines.count() + len(page.context["page"].blanks) == 40
    assert (
        opening.lines.get(drug__generic_name="布洛芬缓释胶囊").expires_on.isoformat()
        == "2029-05-31"
    )
    waiting = [line["drug_text"].value() for line in page.context["page"].blanks]
    assert "未订购的新药片" in " ".join(waiting)
    assert "40" in page.content.decode()


def test_a_file_that_is_no_list_is_said_at_its_field_and_what_was_typed_stays(client, opening):
    file = SimpleUploadedFile("x.xls", b"no list")

    page = write(client, opening, do="keep", lines=0, note="盘点表", pasted="甲\t乙", file=file)

    assert page.context["page"].list_form.errors["file"]
    assert page.context["form"]["note"].value() == "盘点表"
    assert "甲\t乙" in page.content.decode()


def test_two_tabs_on_one_head_say_what_the_other_one_wrote_and_keep_what_is_typed(
    client, storekeeper
):
    batch = stocked_drug(240).batches.get()
    document = drafted("use", (batch, 24), by=storekeeper)
    papers.save(document=document, head={"recipient": "换药室"}, by=storekeeper)
    first = {"version": document.version, "recipient": "治疗室", "do": "add"}

    page = write(client, document, **first)

    text = page.content.decode()
    assert page.context["otherwise"] == "领用人（科室） 换药室"
    assert 'value="治疗室"' in text
    again = write(client, document, do="add", recipient="治疗室")
    document.refresh_from_db()
    assert (again.status_code, document.recipient) == (302, "治疗室")
