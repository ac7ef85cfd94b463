"""Every page of staff has help: short, true to its keys, in both languages, within a click."""

import inspect
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from clinic.help.cards import CARDS
from clinic.help.keys import EVERYWHERE, OF_CODE, code_of
from clinic.help.table import OF_PAGE, TOPICS, patterns
from clinic.help.topic import PICTURES
from security import shortcuts
from security.access import mark_of
from tests.browser.pages import PAGES
from tests.paper import pdf, texts

TEMPLATES = Path(settings.BASE_DIR) / "templates"
OWN = {"help", "help_of", "help_card"}
MENTIONED = re.compile(r"(?<![A-Za-z])(?:F\d+|Alt [A-Z0-9](?![a-z]))")
PICTURE_MOST_KB, PICTURES_MOST_KB = 12, 600


def views() -> dict:
    """Each URL's own function or class."""
    found = {}
    for pattern in patterns():
        view = inspect.unwrap(pattern.callback)
        found[pattern.name] = getattr(view, "view_class", view)
    return found


def templates_of(view) -> set[Path]:
    """What this view may draw, with everything that is included or extended."""
    name = re.compile(r'"([\w/]+\.html)"')
    named = name.findall(inspect.getsource(view)) or name.findall(
        inspect.getsource(inspect.getmodule(view))
    )
    if "consultation" in view.__name__:
        named.append("prescriptions/_panel.html")  # a higher floor's part of the page
    waiting, found = [TEMPLATES / one for one in named], set()
    while waiting:
        path = waiting.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        waiting += [TEMPLATES / one for one in name.findall(path.read_text("utf-8"))]
    return found


def keys_in(paths: set[Path]) -> set[str]:
    """Codes of the keys that these templates give to something."""
    text = "".join(path.read_text("utf-8") for path in paths)
    letters = re.findall(r'accesskey="(\w)"', text)
    found = set(re.findall(r'data-key="(F\d)"', text)) | {shortcuts.code_of(one) for one in letters}
    if 'accesskey="{{' in text or "_record.html" in text:  # keys of the record stand in its form
        found.add("1-9")
    return found | {key for key, twin in shortcuts.TWINS.items() if twin in found}


def sentences(text: str) -> int:
    return len(re.findall(r"[.?!](?=\s|$)|[。？！]", text))


def test_every_page_of_staff_has_help_or_shares_that_of_its_parent():
    names = {page.url_name for page in PAGES if page.who} - OWN

    assert names - set(OF_PAGE) == set()
    assert set(OF_PAGE) - {pattern.name for pattern in patterns()} == set()
    assert len(OF_PAGE) == sum(1 + len(topic.also) for topic in TOPICS.values())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_help_is_at_most_three_sentences(language):
    with override(language):
        long = [topic.name for topic in TOPICS.values() if not 1 <= sentences(str(topic.text)) <= 3]

    assert long == []


def test_help_names_no_key_that_its_pages_lack():
    seen, wrong = views(), {}
    for topic in TOPICS.values():
        there = set().union(*(keys_in(templates_of(seen[n])) for n in (topic.name, *topic.also)))
        said = set(topic.keys)
        for language in ("zh-hans", "en"):
            with override(language):
                said |= set(MENTIONED.findall(str(topic.text)))
        lacking = {code_of(name) for name in said} - there - EVERYWHERE
        if lacking:
            wrong[topic.name] = lacking

    assert wrong == {}


def test_every_key_of_every_page_stands_in_the_table():
    every = set(TEMPLATES.rglob("*.html"))

    assert keys_in(every) - set(OF_CODE) == set()


def test_pictures_are_light_and_belong_to_a_page():
    folder = Path(settings.BASE_DIR) / "static" / PICTURES
    files = list(folder.glob("*")) if folder.is_dir() else []

    assert {file.stem for file in files} <= set(TOPICS)
    assert [f.name for f in files if f.stat().st_size > PICTURE_MOST_KB * 1024] == []
    assert sum(file.stat().st_size for file in files) <= PICTURES_MOST_KB * 1024


@pytest.mark.django_db
def test_the_help_link_leads_to_the_words_of_this_page(frontdesk, as_):
    page = as_(frontdesk).get(reverse("desk")).content.decode()

    help_page = as_(frontdesk).get(reverse("help_of", args=["desk"]))

    assert re.search(rf'href="{reverse("help_of", args=["desk"])}"[^>]*accesskey="0"', page)
    assert str(TOPICS["desk"].text) in help_page.content.decode()


@pytest.mark.django_db
def test_a_person_sees_the_keys_of_the_own_pages_and_which_are_off(storekeeper, doctor, as_):
    doctor.keys_off = "F8,p"
    doctor.save()

    shown = {
        who: dict(cap for one in as_(user).get(reverse("help")).context["keys"] for cap in one.caps)
        for who, user in (("storekeeper", storekeeper), ("doctor", doctor))
    }
    page = as_(doctor).get(reverse("help")).content.decode()

    assert "Alt R" not in shown["storekeeper"]
    assert "Alt 1…9" in shown["doctor"]
    assert [cap for cap, off in shown["doctor"].items() if off] == ["F8", "Alt P"]
    assert '<kbd class="cap">F8</kbd>' in page


@pytest.mark.django_db
def test_a_stranger_gets_help_with_signing_in_and_with_a_breakdown_only(client):
    page = client.get(reverse("help_of", args=["review"]), secure=True)

    assert page.status_code == 200
    assert page.context["here"] is None
    marks = {pattern.name: mark_of(pattern.callback) for pattern in patterns()}
    assert all(marks[topic.name].public for topic in page.context["topics"])
    assert page.context["steps"]


@pytest.mark.django_db
def test_a_link_leads_to_the_other_clinic_when_its_address_is_told(nurse, as_, settings):
    from clinic.core.models import Setting

    before = as_(nurse).get(reverse("help")).context["other_clinic"]
    row = Setting.objects.create(key="practice.address", value="https://clinic.example:8444")
    told = as_(nurse).get(reverse("help")).content.decode()
    row.value = "javascript:alert(1)"
    row.save()
    nonsense = as_(nurse).get(reverse("help")).context["other_clinic"]

    assert before == nonsense == ""
    assert 'href="https://clinic.example:8444"' in told


@pytest.mark.django_db
def test_each_quick_card_fits_on_one_sheet_of_A4(administrator, as_, tmp_path):
    client = as_(administrator)
    pages = [client.get(reverse("help_card", args=[role])).content.decode() for role in CARDS]
    joined = re.sub(r"</body>\s*</html>", "", pages[0])
    for page in pages[1:]:
        joined += re.search(r"<main.*</main>", page, re.DOTALL)[0]
    joined = joined.replace("</main>", '</main><div style="break-after: page"></div>')

    sheets = [text for text in texts(pdf(joined, tmp_path)) if text]

    assert [6 <= len(card.steps) <= 8 for card in CARDS.values()] == [True] * 7
    assert len(sheets) == 7
    assert all("120" in sheet for sheet in sheets)
