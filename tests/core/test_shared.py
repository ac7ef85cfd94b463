"""What is loaded before the processes are forked."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver
from django.utils import translation

from clinic.core import readings, shared


@pytest.mark.django_db
def test_nothing_of_it_asks_the_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        shared.load()


def test_addresses_and_words_are_there_before_the_first_page():
    resolver = get_resolver()
    resolver._reverse_dict.pop(settings.LANGUAGE_CODE, None)
    resolver._populated = False

    shared.load()

    assert settings.LANGUAGE_CODE in resolver._reverse_dict
    with translation.override(settings.LANGUAGE_CODE):
        assert translation.gettext("Save") == "保存"


def test_every_character_reads_as_the_librarys_own_file_says():
    library = Path(readings.library().__file__).parent
    own = json.loads((library / "pinyin_dict.json").read_text(encoding="utf-8"))

    known = import_module("pypinyin.constants").PINYIN_DICT

    assert known == {int(number): text for number, text in own.items()}
    assert len({id(text) for text in known.values()}) == len(set(known.values()))
