"""How a bound field is drawn: label and need, control, errors, and what a screen reader is told."""

import html5lib
import pytest
from django import forms
from django.template import Context, Template
from django.utils.translation import override


class PatientForm(forms.Form):
    name = forms.CharField(label="Name", max_length=5)
    phone = forms.CharField(label="Phone", required=False, help_text="Eleven digits")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")])
    sex = forms.ChoiceField(
        label="Sex", choices=[("male", "Man"), ("female", "Woman")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="Agreed")
    marks = forms.MultipleChoiceField(
        label="Marks", choices=[("x", "X")], widget=forms.CheckboxSelectMultiple, required=False
    )
    token = forms.CharField(widget=forms.HiddenInput)


def draw(form: forms.Form, call: str) -> str:
    with override("en"):
        return Template("{% load ui %}{% " + call + " %}").render(Context({"form": form}))


def elements(html: str, name: str) -> list:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return list(parser.parseFragment(html).iter(name))


def test_a_label_says_in_words_whether_the_field_is_needed():
    form = PatientForm()

    name, phone = draw(form, "field form.name"), draw(form, "field form.phone")

    assert elements(name, "label")[0].find("span").text == "required"
    assert elements(phone, "label")[0].find("span").text == "optional"
    assert "*" not in name


def test_the_word_of_need_can_be_replaced_or_left_out():
    form = PatientForm()

    replaced = draw(form, 'field form.name need="from the ID number"')
    left_out = draw(form, 'field form.name need=""')

    assert elements(replaced, "span")[0].text == "from the ID number"
    assert elements(left_out, "span") == []


def test_an_error_stands_under_its_field_and_is_tied_to_it():
    form = PatientForm({"name": "too long a name"})

    html = draw(form, "field form.name")

    box = elements(html, "input")[0]
    error = elements(html, "div")[-1]
    assert box.get("aria-invalid") == "true"
    assert box.get("aria-describedby") == error.get("id") == "id_name_error"
    assert box.get("value") == "too long a name"
    assert "is-invalid" in box.get("class")


def test_the_focus_goes_to_the_first_wrong_field_only():
    form = PatientForm({"phone": "1"})

    first, later = draw(form, "field form.name"), draw(form, "field form.kind")

    assert elements(first, "input")[0].get("autofocus") is not None
    assert elements(later, "select")[0].get("autofocus") is None


def test_a_wrong_field_found_out_late_is_still_the_first_on_the_page():
    form = PatientForm({"phone": "1"})
    form.errors.pop("name")
    form.add_error("name", "found out late")

    first, later = draw(form, "field form.name"), draw(form, "field form.kind")

    assert elements(first, "input")[0].get("autofocus") is not None
    assert elements(later, "select")[0].get("autofocus") is None


def test_radios_are_tiles_that_are_all_in_sight():
    form = PatientForm({"sex": "female"})
    form.fields["sex"].widget.tiles = {"male": {"kind": "ask", "note": "a note"}}

    html = draw(form, "field form.sex")

    tiles = elements(html, "input")
    assert [tile.get("value") for tile in tiles] == ["male", "female"]
    assert [tile.get("checked") is not None for tile in tiles] == [False, True]
    assert elements(html, "legend")[0].text.strip() == "Sex"
    assert "choice-ask" in html
    assert "a note" in html


def test_a_checkbox_has_its_words_beside_it():
    html = draw(PatientForm(), "field form.agreed")

    assert elements(html, "label")[0].get("for") == elements(html, "input")[0].get("id")


def test_a_hidden_field_is_drawn_without_anything_around_it():
    html = draw(PatientForm(), "field form.token")

    assert html.strip().startswith('<input type="hidden"')


@pytest.mark.parametrize("name", list(PatientForm.base_fields))
def test_what_was_typed_is_never_markup(name):
    form = PatientForm({name: '"><b>bold</b>'})

    html = draw(form, f"field form.{name}")

    assert elements(html, "b") == []


def test_crispy_draws_the_same_field():
    form = PatientForm({"name": ""})

    with override("en"):
        html = Template("{% load crispy_forms_tags %}{{ form|crispy }}").render(
            Context({"form": form})
        )

    assert len(elements(html, "fieldset")) == 2
    assert "field-error" in html
    assert "asteriskField" not in html
