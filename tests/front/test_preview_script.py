"""The preview beside a form follows what is typed (R-130)."""

import pytest

from tests.front.test_scripts import STATIC, browser, clinic, open_form  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser


def test_a_change_brings_a_new_preview_and_sends_no_form(open_form):  # noqa: F811
    page = open_form()
    here = page.url
    page.evaluate("document.forms[0].dataset.preview = 'part'")
    page.add_script_tag(path=STATIC / "js" / "preview.js")

    with page.expect_request("**/sent") as asked:
        page.locator("[name=id_number]").type("12")

    page.wait_for_function("document.getElementById('part').innerHTML === '<p>sent</p>'")
    said = asked.value.post_data
    assert 'name="part"\r\n\r\npreview' in said
    assert 'name="do"\r\n\r\nlook' in said
    assert 'name="csrfmiddlewaretoken"\r\n\r\ntoken-1' in said
    assert 'name="id_number"\r\n\r\n12' in said  # asked once, when the typing stopped
    assert page.url == here
