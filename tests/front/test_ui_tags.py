"""The small pieces of a page: journey, tags, alerts, titles, tokens."""

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.translation import override

from clinic.core.templatetags import ui
from clinic.core.templatetags.icons import ICONS


def draw(text: str, **context) -> str:
    with override("en"):
        return Template("{% load ui %}" + text).render(Context(context))


@pytest.mark.parametrize("station", [1, 2, 3, 4, 5])
def test_the_journey_has_five_stations_and_one_of_them_is_now(station):
    html = draw("{% journey station %}", station=station)

    assert html.count('class="done"') == station - 1
    assert html.count('class="now"') == 1
    assert html.count('class="todo"') == 5 - station
    assert "<b>" in html


def test_a_visit_that_left_the_journey_keeps_its_word():
    html = draw('{% journey 0 "Cancelled" %}')

    assert "<rect" not in html
    assert "Cancelled" in html


def test_every_form_gets_a_token_of_its_own():
    first, second = draw("{% once %}"), draw("{% once %}")

    assert first != second


def test_an_unknown_kind_of_tag_is_a_mistake_of_ours():
    with pytest.raises(TemplateSyntaxError):
        ui.tag("word", "colourful")


@pytest.mark.parametrize("name", sorted(ICONS))
def test_an_icon_is_decoration_only(name):
    assert 'aria-hidden="true"' in ui.icon(name)


def test_a_stop_says_that_nobody_gets_past_it_R43():
    html = draw('{% alert "stop" "Not possible" id="a1" %}because{% endalert %}')

    assert "can&#x27;t be overridden" in html
    assert 'role="alert"' in html
    assert "because" in html


def test_the_words_of_an_alert_are_never_markup():
    html = draw('{% alert "decide" title %}{{ why }}{% endalert %}', title="<i>", why="<i>")

    assert "<i>" not in html


@pytest.mark.parametrize("extra, address", [("undo=/visit/1/", "/visit/1/"), ("undo=//x", "")])
def test_only_an_address_of_this_site_can_be_an_undo(extra, address):
    message = Message(constants.SUCCESS, "done", extra_tags=extra)

    assert ui.undo_url(message) == address


@pytest.mark.parametrize(
    "status, shape",
    [("has", "allergy-yes"), ("denied", "allergy-no"), ("not_asked", "allergy-ask")],
)
def test_the_allergy_line_stands_before_the_name_in_three_shapes_R44(status, shape):
    context = {
        "patient": {"name": "王秀英", "record_no": "P00001372"},
        "allergy_status": status,
        "allergies": [{"label": "青霉素类", "severity_label": "严重", "detail": "休克"}],
        "facts": [{"label": "phone", "value": "138****5678", "masked": True}],
    }

    html = render_to_string("includes/patient_banner.html", context)

    assert html.index(shape) < html.index("王秀英")
    assert ("青霉素类" in html) is (status == "has")
    assert 'class="masked"' in html


def test_the_fault_page_needs_neither_request_nor_database():
    html = render_to_string("500.html", {"reference": "E-7F3K"})

    assert "E-7F3K" in html


def test_the_title_says_what_the_heading_says():
    html = render_to_string("404.html")

    heading = html.split("<h1>")[1].split("</h1>")[0].strip()
    assert f"<title>{heading}" in html
