"""Everybody reads their own language; papers and other people's screens don't follow."""

import pytest
from django.urls import reverse
from django.utils import translation

from patients.unnamed import open_unnamed
from security.models import User
from tests.factories.registration import open_session, waiting_visit
from tests.helpers import SecureClient, in_english

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def chinese_again():
    """The language of a request stays in its thread."""
    yield
    translation.activate("zh-hans")


def choose(client, language):
    return client.post(reverse("set_language"), {"language": language, "next": "/sessions/"})


def page_of(client, name="my_sessions") -> str:
    return client.get(reverse(name)).content.decode()


def test_language_is_the_persons_own_on_every_computer_and_stays_theirs(as_, nurse, frontdesk):
    own = as_(nurse)

    answer = choose(own, "en")

    assert answer.url == "/sessions/" and not answer.cookies.get("clinic-language")
    assert User.objects.get(pk=nurse.pk).language == "en"
    assert '<html lang="en"' in page_of(own) and "Where you are signed in" in page_of(as_(nurse))
    assert own.get("/no-such-page/").headers["Content-Language"] == "en"
    assert '<html lang="zh-hans"' in page_of(as_(frontdesk))
    choose(own, "zh-hans")
    assert '<html lang="zh-hans"' in page_of(own)


def test_before_sign_in_it_is_the_browsers_choice_and_whoever_chose_keeps_theirs(as_, nurse):
    stranger = SecureClient(headers={"accept-language": "en"})
    assert '<html lang="zh-hans"' in page_of(stranger, "login")  # an English Windows says nothing

    choose(stranger, "en")

    assert '<html lang="en"' in page_of(stranger, "login")
    assert '<html lang="en"' in page_of(in_english(as_(nurse)))  # never chose: as the sign-in was
    User.objects.filter(pk=nurse.pk).update(language="zh-hans")
    assert '<html lang="zh-hans"' in page_of(in_english(as_(nurse)))


def test_a_language_that_we_do_not_have_changes_nothing(as_, nurse):
    own = as_(nurse)

    choose(own, "xx")
    own.cookies["clinic-language"] = "xx"

    assert '<html lang="zh-hans"' in page_of(own)
    assert User.objects.get(pk=nurse.pk).language == ""


def test_papers_are_in_the_clinics_language_whoever_prints(as_, frontdesk, doctor):
    visit = waiting_visit(open_session(doctor), frontdesk)
    User.objects.filter(pk=frontdesk.pk).update(language="en")

    slip = as_(User.objects.get(pk=frontdesk.pk)).get(reverse("slip", args=[visit.pk]))

    assert "挂号" in slip.content.decode()


def test_what_is_kept_is_in_the_institutions_language_whoever_acts(frontdesk):
    with translation.override("en"):
        unnamed = open_unnamed(age=45, by=frontdesk)

    assert unnamed.no_id_reason == "急诊，身份不明"
