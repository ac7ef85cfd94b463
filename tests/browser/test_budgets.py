"""What a page may cost: counts and not times, for old PCs on a shared line (the budgets)."""

import pytest

from tests.browser.measure import KB, Wire, layout_shift
from tests.browser.pages import PAGES, TITLES
from tests.browser.report import PROPERTY

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("page", PAGES, ids=TITLES)
def test_page_stays_inside_its_budgets(page, staff, scene, record_property):
    person = page.watcher(staff)
    wire = Wire(person)

    first = wire.visit(page.path(scene))
    shift = layout_shift(person)
    repeat = wire.visit(page.path(scene))

    record_property(
        PROPERTY,
        [page.title, first.transferred, first.requests]
        + [repeat.transferred, repeat.requests, shift],
    )
    assert first.transferred <= 60 * KB and first.requests <= 8, f"first visit: {first}"
    assert repeat.transferred <= 12 * KB and repeat.requests <= 2, f"repeat visit: {repeat}"
    # Four places: under load a fraction of a pixel is reported as some millionths.
    assert round(shift, 4) == 0, f"the page moved while it came: CLS {shift}"
