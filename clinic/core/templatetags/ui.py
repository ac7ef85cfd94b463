"""The pieces every page is drawn with: icons, fields, tags, journey, alerts.

A page says what it shows; how that looks is decided here and in templates/includes/.
"""

import uuid
from functools import cache

from django import forms, template
from django.conf import settings
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.drawing import safe
from clinic.core.templatetags.icons import ICONS

register = template.Library()

STATIONS = 5
TYPE_LARGE_COOKIE = "type-large"
STATION_WORDS = {
    1: gettext_lazy("Registration"),
    2: gettext_lazy("Waiting"),
    3: gettext_lazy("In consultation"),
    4: gettext_lazy("Pharmacy"),
    5: gettext_lazy("Dispensing"),
}
TAG_KINDS = {"act", "ok", "warn", "info", "harm", "harm-line", "off", "first"}
ALERTS = {
    "stop": ("stop", gettext_lazy("can't be overridden")),
    "decide": ("warn", gettext_lazy("needs a reason and your signature")),
}


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """One line drawing from ICONS; decoration only, so the word always stands beside it."""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        f" {extra}" if extra else "",
        ICONS[name],
    )


icon.same_for_same = True  # drawn once for each place (clinic.core.quick_templates)


@register.simple_tag
def is_practice() -> bool:
    """Whether all people here are invented; asked without a request, so that 500 says it too."""
    return settings.CLINIC_PRACTICE


@register.simple_tag
def once() -> SafeString:
    """The token by which a second click of the same form is known (clinic.core.once)."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid.uuid4())


@register.simple_tag
def tag(word: str, kind: str = "") -> SafeString:
    """A word in a shape: filled = someone must act, outlined = a state, dashed = over."""
    if kind and kind not in TAG_KINDS:
        raise template.TemplateSyntaxError(f"No tag of kind {kind!r}; there is {TAG_KINDS}.")
    shape = f" tag-{kind}" if kind else ""
    return SafeString(f'<span class="tag{shape}">{safe(word)}</span>')  # nosec B703 # is escaped


@register.simple_tag
def ticket(number: str, called: bool = False, large: bool = False) -> SafeString:
    """Today's number; filled dark once it was called."""
    extra = (" is-called" if called else "") + (" ticket-l" if large else "")
    return format_html('<span class="ticket{}">{}</span>', extra, number)


@register.simple_tag
def masked(value: str) -> SafeString:
    """A value with its middle hidden, on the ground that says so."""
    return SafeString(f'<span class="masked">{safe(value)}</span>')  # nosec B703 # is escaped


@register.simple_tag
def journey(station, word: str = "", late: bool = False) -> SafeString:
    """Five stations from registration to dispensing, tall at `station`, the word beside it.

    Station 6: all of them are passed; 0: the journey was left.
    """
    station = int(station or 0)
    word = word or STATION_WORDS.get(station, "")
    if not 1 <= station <= STATIONS + 1:
        return format_html(
            '<span class="journey"><svg aria-hidden="true" focusable="false"></svg>'
            "<b>{}</b></span>",
            word,
        )
    return format_html(
        '<span class="journey{}"><svg viewBox="0 0 84 16" aria-hidden="true" focusable="false">'
        "{}</svg><b>{}</b></span>",
        " is-late" if late else "",
        _bars(station),
        word,
    )


@cache
def _bars(station: int) -> SafeString:
    return format_html_join("", "{}", ((_station(n, station),) for n in range(1, STATIONS + 1)))


def _station(number: int, current: int) -> SafeString:
    kind = "done" if number < current else "now" if number == current else "todo"
    y, height = (1, 14) if number == current else (5, 6)
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="15" height="{}" rx="2"/>',
        kind,
        (number - 1) * 17,
        y,
        height,
    )


@register.simple_block_tag
def alert(
    content: str, kind: str, title: str, id: str = "", level: str | None = None
) -> SafeString:
    """Level 1 ("stop") or 2 ("decide") of R-43, around why it warns and what to do instead."""
    drawing, usual_level = ALERTS[kind]
    level = usual_level if level is None else level
    return format_html(
        '<section class="{0}"{1}{2}><div class="{0}-head">{3} <span>{4}</span>'
        '{5}</div><div class="alert-body">{6}</div></section>',
        kind,
        format_html(' id="{}"', id) if id else "",
        SafeString(' role="alert"') if kind == "stop" else "",
        icon(drawing),
        title,
        format_html('<span class="level push">{}</span>', level) if level else "",
        content,
    )


@register.simple_tag
def note(text: str) -> SafeString:
    """Level 3 of R-43: one quiet line, no button."""
    return format_html('<span class="note">{} <span>{}</span></span>', icon("info"), text)


@register.simple_tag(takes_context=True)
def block_again(context, name: str) -> SafeString:
    """The words of block `name` a second time, as the page's <title>; its markup is left out."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    # The block's own rendering has escaped its values already.
    text = " ".join(strip_tags(block.render(context)).split()) if block else ""
    return SafeString(text)  # nosec B703


@register.simple_tag(takes_context=True)
def is_type_large(context) -> bool:
    """Larger letters: kept per person and, before sign-in, in a cookie of this browser."""
    request = context.get("request")
    if request is None:
        return False
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return user.type_large
    return request.COOKIES.get(TYPE_LARGE_COOKIE) == "1"


@register.simple_tag
def paper_language() -> str:
    """What stands on paper is read by the patient and the authority, not by who printed it."""
    return settings.LANGUAGE_CODE


@register.simple_tag
def errors_left(form) -> str:
    """The labels of the fields that are still wrong, in the order of the form."""
    return " · ".join(str(bound.label) for bound in form if bound.errors)


@register.filter
def is_secret(name: str) -> bool:
    """A posted value that a page must not carry on: a password, or the form's old token."""
    return name == "csrfmiddlewaretoken" or "password" in name


@register.filter
def undo_url(message) -> str:
    """The address in a message's `extra_tags="undo=/address/"`, or nothing."""
    address = (message.extra_tags or "").removeprefix("undo=")
    return address if address.startswith("/") and not address.startswith("//") else ""


@register.inclusion_tag("includes/field.html")
def field(
    bound,
    wrap: str = "",
    need: str | None = None,
    note: str = "",
    label: str = "",
    hide_label: bool = False,
    filled: bool = False,
) -> dict:
    """Any bound field as the design draws it: label and need, control, help, errors, aria.

    `need` replaces the word required/optional ("" leaves it out); `note` stands under the
    control; `filled` marks a value that the system filled in.
    """
    kind = _kind_of(bound.field.widget)
    described = _described_by(bound, note)
    return {
        "field": bound,
        "kind": kind,
        "wrap": wrap,
        "need": _need_of(bound, kind) if need is None else need,
        "note": note,
        "label": label or bound.label,
        "hide_label": hide_label,
        "described": described,
        "first_error": _is_first_error(bound),
        "control": "" if kind in ("tiles", "checks") else _control(bound, kind, described, filled),
        "tiles": _tiles(bound) if kind in ("tiles", "checks") else [],
        "column": getattr(bound.field.widget, "tiles_column", False),
    }


def _kind_of(widget) -> str:
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checks"
    if isinstance(widget, forms.RadioSelect):
        return "tiles"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "select" if isinstance(widget, forms.Select) else "text"


def _need_of(bound, kind: str) -> str:
    if kind == "check":
        return ""
    return _("required") if bound.field.required else _("optional")


def _described_by(bound, note: str) -> str:
    ends = [
        end
        for end, present in (
            ("error", bound.errors),
            ("note", note),
            ("helptext", bound.help_text),
        )
        if present
    ]
    return " ".join(f"{bound.auto_id}_{end}" for end in ends)


def _is_first_error(bound) -> bool:
    """After an error the focus goes to the first wrong field, without any script.

    The first on the page: what a form finds out late stands last among its errors.
    """
    errors = bound.form.errors
    return next((name for name in bound.form.fields if name in errors), None) == bound.name


def _control(bound, kind: str, described: str, filled: bool) -> SafeString:
    if kind == "hidden":
        return bound.as_widget()
    base = {"text": "form-control", "select": "form-select", "check": "form-check-input"}[kind]
    classes = [base, bound.field.widget.attrs.get("class", "")]
    if bound.errors:
        classes.append("is-invalid")
    elif filled:
        classes.append("is-filled")
    attrs = {"class": " ".join(filter(None, classes))}
    if described:
        attrs["aria-describedby"] = described
    if _is_first_error(bound):
        attrs["autofocus"] = True
    if kind == "text" and not isinstance(bound.field.widget, forms.FileInput):
        attrs.setdefault("autocomplete", bound.field.widget.attrs.get("autocomplete", "off"))
    return bound.as_widget(attrs=attrs)


def _tiles(bound) -> list[dict]:
    """One dict per radio; the widget's `tiles` says which are harmful or to be asked."""
    looks = getattr(bound.field.widget, "tiles", {})
    choices = list(bound)
    chosen = [choice for choice in choices if choice.data["selected"]]
    focus = [*chosen, *choices][:1] if _is_first_error(bound) else []
    found = []
    for choice in choices:
        data = choice.data
        found.append(
            {
                "id": choice.id_for_label,
                "name": data["name"],
                "value": data["value"],
                "label": data["label"],
                "checked": data["selected"],
                "disabled": bool(data["attrs"].get("disabled") or bound.field.disabled),
                "autofocus": choice in focus,
                "kind": "",
                "note": "",
                **looks.get(str(data["value"]), {}),
            }
        )
    return found
