"""The quick nodes draw what Django's own draw, and leave what is rare to it."""

import datetime
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import Context, Engine, RequestContext
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from clinic.core import looking_up, quick_templates
from patients.models import Patient

ID = uuid.UUID("0f21ddb6-6cad-4a26-8d11-6ece1738f7d9")


class Silent(Exception):
    silent_variable_failure = True


class Thing:
    plain, none, number = "<b>", None, 1234567
    safe = mark_safe("<i>")
    words = gettext_lazy("Name")

    def get_own_display(self):
        return "a label of <its own>"

    def method(self):
        return "called & escaped"

    def with_default(self, more=1):
        return f"default {more}"

    def with_argument(self, more):
        raise AssertionError("never called")

    def silent(self):
        raise Silent

    @property
    def silent_property(self):
        raise Silent

    def alters(self):
        raise AssertionError("never called")

    alters.alters_data = True

    def __str__(self):
        return "<thing>"


class Listed(Thing):
    """Both an object and something with keys."""

    def __getitem__(self, key):
        return {"plain": "by its key", "0": "first"}[key]


EIGHT_HOURS = datetime.timedelta(hours=8)


def labelled_patient() -> Patient:
    """What a query may have set beside the columns."""
    patient = Patient(sex="2")
    patient.get_sex_display = "a label <of its own>"
    return patient


VALUES = {
    "thing": Thing(),
    "listed": Listed(),
    "patient": Patient(name="王<秀>", sex="2", pk=ID),
    "dict": {"items": "an own key", "x": {"y": "<deep>"}, "call": lambda: "from a dictionary"},
    "list": ["<first>", "second"],
    "text": "<&\"'>",
    "id": ID,
    "other": uuid.UUID(int=5),
    "ids": [ID, uuid.UUID(int=5), ID],
    "mixed": [str(ID), uuid.UUID(int=5)],
    "day": datetime.date(2026, 11, 29),
    "moment": datetime.datetime(2026, 11, 29, 1, 2, tzinfo=datetime.timezone.utc),
    "other_moment": datetime.datetime(2026, 11, 29, 9, 2, tzinfo=ZoneInfo("Asia/Shanghai")),
    # In Berlin both at half past two; and at the same moment, by two names.
    "twice": [
        datetime.datetime(2026, 10, 25, hour, 30, tzinfo=datetime.timezone.utc) for hour in (0, 1)
    ],
    "named": [
        datetime.datetime(
            2026, 3, 1, 8, tzinfo=datetime.timezone(datetime.timedelta(hours=8), name)
        )
        for name in ("AAA", "BBB")
    ],
    "labelled": labelled_patient(),
    "money": Decimal("1234.50"),
    "share": 0.5,
    "pairs": [("<a>", ""), ("b", "c")],
    "yes": True,
    "nothing": "",
    "call": lambda: "a function",
    "kind": Thing,
}
SOURCES = [
    "{{ text }}|{{ text|safe }}|{% autoescape off %}{{ text }}{{ thing }}{% endautoescape %}",
    "{{ thing }}|{{ thing.plain }}|{{ thing.none }}|{{ thing.number }}|{{ thing.safe }}",
    "{{ thing.method }}|{{ thing.with_default }}|{{ thing.with_argument }}|{{ thing.alters }}",
    "{{ thing.silent }}|{{ thing.silent_property }}|{{ thing.missing }}|{{ missing }}",
    "{{ thing.words }}|{{ listed.plain }}|{{ listed.0 }}|{{ listed.method }}",
    "{{ patient }}|{{ patient.name }}|{{ patient.get_sex_display }}|{{ patient.pk }}",
    "{{ dict.items }}|{{ dict.x.y }}|{{ dict.call }}|{{ dict.keys }}|{{ dict.x.z }}",
    "{{ dict.x.y.z }}|{{ dict.x.y.upper }}|{{ text.upper }}",
    "{{ list.0 }}|{{ list.5 }}|{{ list.count }}|{{ list }}",
    "{{ day }}|{{ moment }}|{{ money }}|{{ share }}|{{ yes }}|{{ id }}|{{ call }}|{{ kind.plain }}",
    "{{ True }}|{{ None }}|{{ 5 }}|{{ 'text' }}|{{ _('Name') }}",
    "{{ thing.plain|upper|default:text }}|{{ missing|default:text }}|{{ _('Name')|upper }}",
    "{% if thing.none or dict.x.y == '<deep>' and not missing %}yes{% else %}no{% endif %}",
    "{% if thing.silent %}a{% elif list.0 in list %}b{% endif %}{% if 3 > share %}c{% endif %}",
    "{% for key, value in dict.x.items %}{{ key }}={{ value }}{{ forloop.counter }}{% endfor %}",
    "{% for one in list reversed %}{{ one }}{% cycle 'a' 'b' %}{% endfor %}{{ one }}",
    "{% for one in missing %}x{% empty %}{{ text }}{% endfor %}",
    "{% with text=thing.plain other=text|length %}{{ text }}{{ other }}{% endwith %}{{ text }}",
    "{% translate 'Name' %}|{% translate 'Name' as name %}{{ name }}|{% translate text %}",
    "{% translate '100 %' %}|{% translate 'Name' noop %}|{% translate 'May' context 'month' %}",
    "{% blocktranslate with name=text %}Hello {{ name }}, 5 %{% endblocktranslate %}",
    "{% blocktranslate count n=list|length %}{{ n }} row{% plural %}{{ n }} rows"
    "{% endblocktranslate %}",
    "{% for one in list %}{% blocktranslate trimmed %} a {{ one }} {% endblocktranslate %}"
    "{% endfor %}",
    "{% url 'desk' %}|{% url 'patient_chart' id %}|{% url 'patient_chart' other %}",
    "{% url 'patient_chart' patient.pk as here %}{{ here }}|{% url 'nowhere' as no %}[{{ no }}]",
    "{% url 'patient_chart' pk=id %}|{% url 'stock_ledger' 7 %}",
    "{% for one in list %}{% translate 'Name' as one %}{{ one }}{% endfor %}",
    "{% for one in list %}{% with one=text %}{{ one }}{% endwith %}{{ one }}{% endfor %}",
    "{% for one in list %}{% for one in dict.x.values %}{{ one }}{{ forloop.parentloop.last }}"
    "{% endfor %}{{ one }}{{ forloop.revcounter }}{{ forloop.revcounter0 }}{% endfor %}",
    "{% for one in list %}{% firstof text one as one %}{{ one }}{% endfor %}{{ forloop }}",
    "{% for a, b in pairs %}{{ a }}{{ b|default:a }}{% empty %}-{% endfor %}",
    "{% for one in list %}{% include 'includes/empty.html' with title=one text=text %}{% endfor %}",
    "{% for one in list %}{% if forloop.first %}1{% elif one > 5 %}2{% else %}{% endif %}"
    "{% endfor %}",
    "{% if missing.x > 3 or thing.plain|length > list %}a{% elif not thing.none %}b{% endif %}",
    "{% if listed.method and thing.alters %}a{% elif text in thing %}b{% endif %}",
    "{{ thing.safe|lower }}{{ text|lower }}",
    "{{ moment|date:'H:i' }}{{ day|date }}{{ money|add:5 }}{{ list|join:text }}",
    "{{ day|date:'SHORT_DATE_FORMAT' }}{{ moment|date }}{{ text|date }}{{ none|date:'Y' }}",
    "{% load tz %}{{ moment|utc|date:'H:i e' }}{{ moment|date:'H:i e' }}"
    "{% timezone 'Europe/Berlin' %}{{ moment|date:'H:i e' }}{% endtimezone %}",
    "{% load tz %}{% timezone 'Europe/Berlin' %}{% for one in twice %}{{ one|date:'c' }} "
    "{% endfor %}{% endtimezone %}{% localtime off %}"
    "{% for one in named %}{{ one|date:'H:i T' }}{% endfor %}{% endlocaltime %}",
    "{{ other.get_sex_display }}|{{ labelled.get_sex_display }}",
    "{{ day|date:text }}{{ day|date:money }}{{ other_moment|date:'H:i' }}{{ moment|date:'r' }}",
    "{% for one in thing.plain reversed %}{{ one }}{% endfor %}{% for one in none %}{% endfor %}",
    "{% load ui %}{% tag word=text kind='warn' as shape %}{{ shape }}{% masked thing.method %}",
    "{% autoescape off %}{% for one in list %}{{ one }}{% translate 'A&B' %}{% endfor %}"
    "{% endautoescape %}{% translate 'A&B' %}",
    "{% load ui %}{% icon 'search' %}{% icon 'search' 'big' %}{% tag text 'warn' %}",
    "{% for one in list %}{{ dict.items }}{{ dict.x.y }}{{ dict.call }}{{ dict.z }}"
    "{{ thing.plain }}{% if dict.items and not dict.none %}{{ one }}{% endif %}{% endfor %}",
    "{% for one in list %}{% for two in list %}{{ dict.x.y }}{{ one }}{% endfor %}{{ dict.x.y }}"
    "{% with dict=thing %}{{ dict.plain }}{% endwith %}{{ dict.items }}{% endfor %}",
    "{% for one in list %}{% for two in none %}x{% endfor %}{{ forloop.counter }}{% endfor %}",
    "{% for one in ids %}{% url 'patient_chart' one %}{% url 'patient_edit' one %}{% endfor %}"
    "{% autoescape off %}{% url 'patient_edit' id %}{% endautoescape %}"
    "{% url 'patient_chart' id %}",
    "{% for one in mixed %}{% url 'patient_chart' one %} {% endfor %}",
    "{% for one in mixed reversed %}{% url 'patient_chart' one %} {% endfor %}",
    "{{ patient.get_sex_display|default:text }}|{{ patient.get_id_type_display|upper }}",
    "{{ patient.get_no_display }}|{{ dict.get_x_display }}|{{ thing.get_own_display }}",
]


def drawn(source: str, *, quick: bool, request: bool) -> list[str]:
    """Three times, the second in English: what was kept must fit the language."""
    engine = Engine(
        dirs=settings.TEMPLATES[0]["DIRS"],
        libraries=Engine.get_default().libraries,
        builtins=settings.TEMPLATES[0]["OPTIONS"]["builtins"],
    )
    template = engine.from_string(source)
    if quick:
        quick_templates.quicken(template.nodelist)
    found = []
    for language in ("zh-hans", "en", "zh-hans"):
        with translation.override(language):
            values = dict(VALUES)
            context = (
                RequestContext(RequestFactory().get("/"), values) if request else Context(values)
            )
            found.append(template.render(context))
    return found


@pytest.mark.parametrize("source", SOURCES)
def test_a_quick_template_draws_the_same(source, monkeypatch):
    monkeypatch.setattr(quick_templates, "_addresses", {})
    for request in (True, False):
        first = drawn(source, quick=False, request=request)

        again = drawn(source, quick=True, request=request)

        assert again == first


def test_too_many_names_of_a_loop_are_an_error():
    template = Engine().from_string("{% for a, b in rows %}{{ a }}{% endfor %}")
    quick_templates.quicken(template.nodelist)

    with pytest.raises(ValueError, match="Need 2 values to unpack in for loop; got 3"):
        template.render(Context({"rows": [(1, 2, 3)]}))


def test_what_answers_differently_each_time_is_asked_in_each_turn_of_a_loop():
    turns, called = iter(range(9)), iter(range(9))

    class Counting:
        @property
        def number(self):
            return next(turns)

    template = Engine().from_string("{% for one in rows %}{{ a.number }}{{ b.call }} {% endfor %}")
    quick_templates.quicken(template.nodelist)
    context = {"rows": "abc", "a": Counting(), "b": {"call": lambda: next(called)}}

    assert template.render(Context(context)) == "00 11 22 "


def test_errors_of_a_value_are_not_swallowed():
    class Broken:
        def method(self):
            raise ValueError("of our own")

    template = Engine().from_string("{{ thing.method }}")
    quick_templates.quicken(template.nodelist)

    with pytest.raises(ValueError, match="of our own"):
        template.render(Context({"thing": Broken()}))


def test_every_template_of_ours_is_quick():
    template = Engine.get_default().get_template("patients/patient_search.html")

    assert isinstance(template.nodelist, quick_templates.QuickNodeList)


def test_the_labels_of_choices_are_kept():
    template = Engine().from_string(
        "{{ patient.get_sex_display }}{{ patient.get_id_type_display }}"
    )
    quick_templates.quicken(template.nodelist)
    context = Context({"patient": Patient(sex="2", id_type="no such type")})

    drawn_first = template.render(context)

    assert drawn_first.endswith("no such type")
    attribute, labels = looking_up._labels(Patient, "get_sex_display", translation.get_language())
    assert (attribute, drawn_first) == ("sex", f"{labels['2']}no such type")
