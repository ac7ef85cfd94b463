"""Ids of SQLite's rows are made once: equal to what UUID() makes, and not too many."""

import uuid

from clinic.databases.sqlite3 import base


def made(text):
    return base.DatabaseOperations(None).convert_uuidfield_value(text, None, None)


def test_the_same_text_gives_the_same_id():
    one = uuid.uuid4()

    first, again = made(one.hex), made(one.hex)

    assert first == one and first is again
    assert made(uuid.uuid4().hex) != one
    assert made(None) is None


def test_no_more_are_kept_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(base, "KNOWN", 3)
    monkeypatch.setattr(base, "_known", {})
    ids = [uuid.uuid4() for _ in range(10)]

    assert [made(one.hex) for one in ids] == ids
    assert len(base._known) <= 3
