"""What the judge of hostile answers must notice, and what it must let pass."""

import pytest
from django.http import HttpResponse
from django.utils.html import escape

from tests.hostile import judge
from tests.hostile.values import HOST, MARK, PROGRAMS, RENDERED, SCRIPT

CARRIED_OUT = {
    "script": HttpResponse(f"<p>{SCRIPT}</p>"),
    "attribute": HttpResponse(f'<img src="x" onerror="{MARK}()">'),
    "address": HttpResponse(f'<a href="javascript:{MARK}()">x</a>'),
    "another host": HttpResponse(f'<form action="//{HOST}/"></form>'),
    "template": HttpResponse(RENDERED),
    "header": HttpResponse(headers={f"X-{MARK}": "1"}),
    "sent away": HttpResponse(status=302, headers={"Location": f"//{HOST}/"}),
    "sent away, back": HttpResponse(status=302, headers={"Location": f"/\\{HOST}/"}),
    "sent to a program": HttpResponse(status=302, headers={"Location": f"javascript:{MARK}()"}),
}
HARMLESS = {
    "escaped": HttpResponse("".join(f"<p>{escape(text)}</p>" for text in PROGRAMS.values())),
    "in a field": HttpResponse(f'<input name="q" value="{escape(SCRIPT)}">'),
    "ours": HttpResponse(status=302, headers={"Location": f"/login/?next=//{HOST}/"}),
    "plain": HttpResponse(SCRIPT, content_type="text/plain"),
}


@pytest.mark.parametrize("answer", CARRIED_OUT.values(), ids=CARRIED_OUT)
def test_what_would_be_carried_out_is_found(answer):
    assert judge.faults_of(answer)


@pytest.mark.parametrize("answer", HARMLESS.values(), ids=HARMLESS)
def test_what_is_only_shown_is_none(answer):
    assert judge.faults_of(answer) == []
